"""What an order is, what may be sold, and what a ticket says. No I/O; the time is given."""
