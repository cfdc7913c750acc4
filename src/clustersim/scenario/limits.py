"""The most that may be asked for. A module of its own: the command line needs it before anything large is imported."""

MOST_FIRMS = 10**7
MOST_SEEDS = 10**7
