"""Studies: many points of a scenario, carried out in blocks that no machine, number of workers or kill can change.

`schema`, `reading`, `varying` and `targets` turn a YAML file into a `plan.Study`; `points` and `job` are what is
simulated and how it is cut, `running` has the blocks made (see `clustersim.experiment.work`) and reads them back,
`report` tells what was found.
"""
