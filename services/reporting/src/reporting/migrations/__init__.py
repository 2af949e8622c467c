"""Schema of the reporting database."""
