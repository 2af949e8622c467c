"""The till's page and its HTTP API, for browsers of this machine."""
