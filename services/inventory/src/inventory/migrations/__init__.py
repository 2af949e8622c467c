"""Schema of the inventory, version by version."""
