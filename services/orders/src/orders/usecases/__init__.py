"""What can be asked of orders: check out, keep what was sealed, search, look up, print."""
