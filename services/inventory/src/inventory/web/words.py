"""Words of the inventory's pages."""

from flask_babel import lazy_gettext as _

ERRORS = {
    "LEASE_NOT_FOUND": _("This till no longer has these places."),
    "LEASE_NOT_ACTIVE": _("These places were already given back or taken back."),
    "NOT_ENOUGH_PLACES": _("%(wanted)s places were wanted; %(free)s are free."),
    "NOT_ENOUGH_STOCK": _("%(wanted)s articles were wanted; %(free)s are free."),
}
CAUSES = {1: _("Received"), 3: _("Corrected"), 4: _("Returned")}
