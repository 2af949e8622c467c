"""Reports: projections of what the other services tell; nothing original."""

__version__ = "0.1.0"
