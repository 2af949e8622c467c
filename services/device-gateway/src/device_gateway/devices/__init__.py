"""Devices of a till: how bytes reach them, how they are, which ones there are. Drivers live with their kind."""
