"""Documents: templates of tickets and receipts, their versions, and rendering."""

__version__ = "0.1.0"
