"""The fiscal version (LAW-8): it rises with every release that touches the journal, the chain, closings or archives.

It is apart from the versions of packages: a release that leaves it as it is needs no new attestation. What counts as
touching is in docs/conformity/README.md, and `tests/rules/test_fiscal_version.py` holds us to it.
"""

FISCAL_VERSION = "1.1"
