"""The till's only memory: one SQLite file, written by one thread at a time, on disk when a call returns."""
