"""Runs the whole ticketing suite on one machine."""
