"""Words for the codes of entries."""

from flask_babel import lazy_gettext as _

KINDS = {
    "till_enrolled": _("Till enrolled"),
    "sign_in": _("Cashier signed in"),
    "sign_out": _("Cashier signed out"),
    "float_opened": _("Cash float opened"),
    "cash_moved": _("Cash moved"),
    "float_declared": _("Cash float counted"),
    "float_closed": _("Cash float closed"),
    "sale": _("Sale"),
    "refund": _("Refund"),
    "drawer_opened": _("Drawer opened"),
    "reprint": _("Reprint"),
    "ticket_reissued": _("Ticket reissued"),
    "decision": _("Decision on places sold twice"),
    "override": _("Leave of a manager"),
    "training": _("Training"),
    "closing": _("Closing"),
    "archive": _("Archive"),
    "technical": _("Technical"),
}
DRAWER = {
    "cash_sale": _("cash sale"),
    "cash_refund": _("cash refund"),
    "pay_in": _("pay-in"),
    "withdrawal": _("withdrawal"),
    "transfer_out": _("transfer given"),
    "carried_out": _("float carried away"),
    "carried_in": _("float taken up"),
    "no_sale:change": _("without a sale, to give change"),
    "no_sale:count": _("without a sale, to check the float"),
    "no_sale:other": _("without a sale"),
}
MOVEMENTS = {
    "pay_in": _("Pay-in"),
    "withdrawal": _("Withdrawal"),
    "transfer_out": _("Transfer given"),
    "transfer_in": _("Transfer received"),
    "carried_out": _("Float carried away"),
    "carried_in": _("Float taken up"),
}
REASONS = {
    "change": _("small change"),
    "safe": _("safe"),
    "bank": _("bank"),
    "expense": _("expense"),
    "other": _("other"),
}
ACTS = {
    "no_sale": _("to open the drawer without a sale"),
    "training": _("to enter training mode"),
    "refund": _("to refund"),
    "close_day": _("to close the day"),
    "read_day": _("to read the day (X)"),
    "confirm_clock": _("to confirm the clock"),
    "setup_devices": _("to set up devices"),
}
REMARKS = {
    "started": _("the till starts"),
    "stopped": _("the till stops"),
    "clock_confirmed": _("clock confirmed"),
    "x_reading": _("X reading"),
    "message_acknowledged": _("message read"),
    "survey_answered": _("answers of a customer"),
}
PERIODS = {"day": _("day"), "month": _("month"), "year": _("year")}
MODES = {
    "cash": _("cash"),
    "card": _("card"),
    "cheque": _("cheque"),
    "voucher": _("voucher"),
    "transfer": _("transfer"),
    "free": _("free"),
}
