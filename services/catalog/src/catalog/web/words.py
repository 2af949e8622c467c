"""Words of the catalogue's pages."""

from flask_babel import lazy_gettext as _

ERRORS = {
    "CAPACITY_OUT_OF_RANGE": _("The capacity must be 1 to 200,000 places."),
    "PERFORMANCE_ENDS_BEFORE_START": _("The end must come after the start."),
    "PRICE_OUT_OF_RANGE": _("A price must be 0 to 10,000.00, and 0 for a free tariff."),
    "VAT_RATE_OUT_OF_RANGE": _("The VAT rate must be 0 to 30 %."),
    "PRICE_TWICE": _("This tariff has two prices in the list."),
    "PRODUCT_REFERENCE_TAKEN": _("Another article already has this reference."),
    "REFERENCE_NOT_FOUND": _("What this points at no longer exists. Reload the page."),
    "PERFORMANCE_NOT_FOUND": _("This performance does not exist."),
    "POINT_OF_SALE_NOT_FOUND": _("This point of sale does not exist."),
}
STATES = {1: _("Draft"), 2: _("On sale"), 3: _("Cancelled")}
TONES = {1: "secondary", 2: "good", 3: "bad"}
KINDS = {1: _("Full price"), 2: _("Reduced"), 3: _("Free")}
VAT_RATES = (210, 550, 1000, 2000, 0)
PAYMENT_MODES = {"cash": _("Cash"), "card": _("Card"), "cheque": _("Cheque")}
WEEKDAYS = (_("Monday"), _("Tuesday"), _("Wednesday"), _("Thursday"), _("Friday"), _("Saturday"), _("Sunday"))
