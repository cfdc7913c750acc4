"""The engines: how a model walks over its firms. What things are stands below, what is done with runs above."""
