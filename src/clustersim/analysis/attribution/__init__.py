"""Who does what in a policy: its instruments by their Shapley values, its firms by gains and losses.

Arrays and frames in, frames out. Rows in any interval are seeds.
"""
