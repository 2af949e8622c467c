"""The pages of places and stock."""
