"""Orders (dossiers) and tickets (titres)."""

__version__ = "0.1.0"
