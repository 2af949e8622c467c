"""Pages of orders and tickets."""
