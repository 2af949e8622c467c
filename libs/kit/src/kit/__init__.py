"""Plumbing shared by the services; it knows nothing of tickets and imports no service."""
