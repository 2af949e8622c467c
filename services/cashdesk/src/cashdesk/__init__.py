"""Money: tills, cash floats, and the chained journal through which every cent passes."""

__version__ = "0.1.0"
