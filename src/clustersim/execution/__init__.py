"""Carrying out blocks: here, in processes, or on a cluster. A results folder holds all that a worker needs to know.

`job` says what is simulated and how it is cut, `results_folder` reads a folder back and refuses what has changed,
`work` makes one block of it, `executor` says who does, with `processes` and `dask_cluster` beside doing it here. No
result depends on the executor.
"""
