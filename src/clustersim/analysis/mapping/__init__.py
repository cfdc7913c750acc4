"""Maps of which policy has the best effect over ranges of two or more parameters, and rules that describe them."""
