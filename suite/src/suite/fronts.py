"""Every service's web front in one gunicorn: `gunicorn suite.fronts:app`. In a cluster each service has its own."""

import os
from importlib import import_module

from kit.web import create_app, web_config
from suite.machine import SERVICES

app = create_app(
    [import_module(f"{service}.web").front for service in SERVICES],
    web_config(os.environ, "WEB"),
)
