"""Scenarios: from YAML text to a validated `model.Scenario`, and back to words.

The stub beside this file says what is here and where it is from; each is imported when it is first used, so that the
model itself can be had without the readers.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
