"""Property tests say what is true, not how fast: a machine that is busy with other tests fails none of them."""

import os

from hypothesis import HealthCheck, settings

if not os.environ.get("CI"):  # there hypothesis has such a profile of its own
    settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
    settings.load_profile("unhurried")
