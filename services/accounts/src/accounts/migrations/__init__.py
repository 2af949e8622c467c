"""The schema, one file per step; run by `python -m accounts.main migrate`."""
