"""Fits to published findings: one best point, and the range of points that the findings leave."""
