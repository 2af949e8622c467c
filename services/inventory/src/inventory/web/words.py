"""Words of the inventory's pages."""

from flask_babel import lazy_gettext as _

from ticketing.inventory.v1 import inventory_service_pb2 as pb

ERRORS = {
    "LEASE_NOT_FOUND": _("This till no longer has these places."),
    "LEASE_NOT_ACTIVE": _("These places were already given back or taken back."),
    "CONTINGENT_NOT_FOUND": _("This contingent is no longer there."),
    "CONTINGENT_IN_USE": _("Places of this contingent are taken (%(taken)s): it can be changed, not dissolved."),
    "QUOTA_NOT_FOUND": _("This quota is no longer there."),
    "BLOCK_NOT_FOUND": _("These seats were already given back."),
    "PERFORMANCE_UNKNOWN": _("The places of this performance are not counted yet. Try again in a few seconds."),
    "NOT_NUMBERED": _("This performance has no numbered seats."),
    "PLAN_NOT_HERE_YET": _("The plan of this performance is on its way. Try again in a few seconds."),
    "OTHER_PLAN": _("It is sold by another plan, or another version of this one."),
    "NOT_ENOUGH_PLACES": _("%(wanted)s places were wanted; %(free)s are free."),
    "NOT_ENOUGH_STOCK": _("%(wanted)s articles were wanted; %(free)s are free."),
    "STOCK_PLACE_NOT_FOUND": _("There is no such stock place."),
    "STOCK_PLACE_CLOSED": _("This stock place is closed: open it again, or choose another."),
    "STOCK_PLACE_NOT_EMPTY": _(
        "This place is not empty (articles: %(articles)s). Transfer them, or correct them to 0, then close it."
    ),
    "STOCK_PLACE_NAME_TAKEN": _("Another stock place is called %(name)s."),
    "MAIN_STOCK_PLACE": _("The main stock place stays open."),
}
CAUSES = {
    pb.STOCK_CAUSE_RECEIVED: _("Received"),
    pb.STOCK_CAUSE_SOLD: _("Sale"),
    pb.STOCK_CAUSE_CORRECTED: _("Corrected"),
    pb.STOCK_CAUSE_RETURNED: _("Returned"),
    pb.STOCK_CAUSE_TRANSFERRED: _("Transferred"),
    pb.STOCK_CAUSE_LOST: _("Shrinkage"),
    pb.STOCK_CAUSE_BROKEN: _("Breakage"),
    pb.STOCK_CAUSE_REFUNDED: _("Refund"),
}
# state -> (words, colour of the badge)
STATES = {
    pb.STOCK_STATE_OK: (_("In stock"), "good"),
    pb.STOCK_STATE_LOW: (_("Low"), "warn"),
    pb.STOCK_STATE_OUT: (_("None left"), "bad"),
    pb.STOCK_STATE_NEGATIVE: (_("Negative"), "bad"),
}
