"""Schema of the orders database."""
