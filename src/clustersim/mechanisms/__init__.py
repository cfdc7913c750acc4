"""The steps of a month, one file each: formulas that work on a number and on an array alike, and the array step.

`schedule.py` is the month as a table of contents.
"""
