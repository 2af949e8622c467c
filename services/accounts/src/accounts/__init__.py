"""Accounts: users, profiles and rights, tills and their keys, sign-in."""

__version__ = "0.1.0"
