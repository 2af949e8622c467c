"""The catalogue: what is presented, when, at what price, and through which points of sale."""

__version__ = "0.1.0"
