"""Schema of the cashdesk database."""
