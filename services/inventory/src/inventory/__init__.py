"""The inventory: places and articles, and who has them."""

__version__ = "0.1.0"
