"""Schema of the catalogue, version by version."""
