"""The schema, one file per step; run by `python -m documents.main migrate`."""
