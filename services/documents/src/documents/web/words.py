"""Documents in words: kinds, mentions of the law, and what the core refuses with."""

from flask_babel import lazy_gettext as _

KINDS = {
    "ticket": _("Ticket"),
    "receipt": _("Receipt"),
    "refund": _("Refund slip"),
    "cash_slip": _("Cash slip"),
    "eticket": _("E-ticket"),
}

MENTIONS = {
    "OPERATOR_MISSING": _("the operator's name"),
    "SHOW_MISSING": _("the show"),
    "PERFORMANCE_MISSING": _("the date and time of the performance"),
    "TICKET_NUMBER_MISSING": _("the ticket's number"),
    "CATEGORY_MISSING": _("the category of the place"),
    "PRICE_MISSING": _("the price paid, or the word for free"),
    "SALE_DATE_MISSING": _("the date of sale"),
    "SALE_PLACE_MISSING": _("the place of sale"),
}

ERRORS = {
    "TEMPLATE_INVALID": _("The template cannot be used. %(field)s: %(why)s"),
    "TEMPLATE_NOT_FOUND": _("This template, or this version of it, does not exist."),
    "LEGAL_MENTION_MISSING": _("The law wants more on each part of a ticket."),
    "DATA_INVALID": _("The document cannot be drawn. %(field)s: %(why)s"),
}
