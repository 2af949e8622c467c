"""One till: its page, its database, its journal and its devices."""

__version__ = "0.1.0"
