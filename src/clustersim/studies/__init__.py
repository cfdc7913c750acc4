"""Studies: many points of a scenario, carried out in blocks that no machine, number of workers or kill can change.

`reading`, `study_schema`, `factor_parsing` and `targets` turn a YAML file into a `plan.Study`; `designs` and `points`
say which points it has; `run` and `carried_out` have the blocks made and hand them to the analysis.
"""
