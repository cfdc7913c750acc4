"""Carrying out blocks: here, in processes, or on a cluster. A results folder holds all that a worker needs to know.

`stored` reads a folder back and refuses what has changed, `blocks` makes one block of it, `ways` says who does, with
`processes` and `cluster` as the ways beside doing it here. No result depends on the way.
"""
