"""Effects over plausible worlds: central value, range, chances, verdict, ranking, and what to measure first."""
