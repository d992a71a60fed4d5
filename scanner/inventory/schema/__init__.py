"""The form of `inventory.yaml` as pydantic models: types, ranges and the descriptions that editors show.

What hangs on more than one value (references, transports, files) is in `scanner.inventory.rules`, so that it can be
told together with wrong types.
"""
