"""Accounts in words: profiles, rights, states of tills, and what the core refuses with."""

from flask_babel import lazy_gettext as _

from ticketing.accounts.v1 import accounts_service_pb2 as pb

PROFILES = {
    "cashier": (_("Cashier"), _("Sells at a till or at the counter.")),
    "head_cashier": (_("Head cashier"), _("Sells, refunds, follows the tills and closes them.")),
    "programmer": (_("Programmer"), _("Prepares shows, prices, capacities and documents.")),
    "administrator": (_("Administrator"), _("Everything, including users and tills.")),
}

RIGHTS = {
    "accounts.manage_users": _("manage users"),
    "accounts.enrol_tills": _("enrol and revoke tills"),
    "catalog.view": _("see the programme"),
    "catalog.programme": _("programme shows, prices and products"),
    "inventory.view": _("see places and stock"),
    "inventory.manage": _("change capacities and stock"),
    "inventory.lease": _("set places aside for a till"),
    "orders.view": _("see orders"),
    "orders.sell": _("take orders"),
    "orders.refund": _("refund"),
    "orders.refund_otherwise": _("refund by another mode than was paid"),
    "cashdesk.view": _("see tills and cash floats"),
    "cashdesk.append": _("send a till's journal"),
    "cashdesk.sell": _("sell and take payments"),
    "cashdesk.close": _("close days and validate cash floats"),
    "cashdesk.open_drawer": _("open the drawer without a sale"),
    "cashdesk.training": _("put a till in training mode"),
    "cashdesk.confirm_clock": _("confirm the time of a till's clock"),
    "cashdesk.setup_devices": _("set up a till's devices"),
    "documents.view": _("see document templates"),
    "documents.edit": _("change document templates"),
    "reporting.view": _("see reports"),
}

STATES = {
    pb.TILL_STATE_AWAITING: (_("Awaits its machine"), "warning"),
    pb.TILL_STATE_ENROLLED: (_("In service"), "success"),
    pb.TILL_STATE_REVOKED: (_("Revoked"), "danger"),
    pb.TILL_STATE_LEAVING: (_("Asked back"), "info"),
    pb.TILL_STATE_RETURNED: (_("Returned"), "secondary"),
}

SHOWS = {"all": _("All"), "attention": _("To look at"), "offline": _("Offline")}

CONDITIONS = {
    pb.TILL_CONDITION_UNSPECIFIED: (_("Never reported"), "secondary"),
    pb.TILL_CONDITION_WELL: (_("Well"), "success"),
    pb.TILL_CONDITION_ATTENTION: (_("To look at"), "warning"),
    pb.TILL_CONDITION_OFFLINE: (_("Offline"), "danger"),
}

CONCERNS = {
    pb.TILL_CONCERN_FROZEN: _("It may not sell: the centre refuses it."),
    pb.TILL_CONCERN_JOURNAL_LATE: _("Many sales are still to be sent."),
    pb.TILL_CONCERN_PRINTER: _("A printer or another device is stopped or away."),
    pb.TILL_CONCERN_PAPERS: _("Papers failed or are in doubt."),
    pb.TILL_CONCERN_DISK: _("Its disk is nearly full."),
    pb.TILL_CONCERN_CLOCK: _("Its clock is wrong."),
    pb.TILL_CONCERN_OTHER_MACHINE: _("Another MAC address than when it was enrolled."),
    pb.TILL_CONCERN_SYNC: _("The centre refuses something that it asks."),
}

PRINTERS = {
    "ticket": _("Ticket printer"), "receipt": _("Receipt printer"), "card": _("Card printer"),
    "terminal": _("Payment terminal"), "display": _("Customer display"), "drawer": _("Cash drawer"),
    "scanner": _("Code reader"),
}  # fmt: skip

PRINTER_CAUSES = {
    "paper_out": _("out of paper"),
    "paper_low": _("paper low"),
    "cover_open": _("cover open"),
    "cutter": _("cutter jam"),
    "head_hot": _("head too hot"),
    "unrecoverable": _("broken down"),
    "unreachable": _("unreachable"),
    "silent": _("silent"),
    "not_asked": _("not asked yet"),
    "wrongly_set_up": _("wrongly set up"),
    "not_set_up": _("not set up"),
}

PRINTER_CONDITIONS = {
    "ready": _("ready"),
    "attention": _("works, but not for long"),
    "blocked": _("stopped: somebody must see to it"),
    "offline": _("off or unplugged"),
    "unknown": _("does not answer"),
}

ERRORS = {
    "CREDENTIALS_WRONG": _("The login or the password is wrong."),
    "TOO_MANY_ATTEMPTS": _("Too many attempts. Try again in %(retry_seconds)s seconds."),
    "USER_DISABLED": _("This account is disabled. Ask an administrator."),
    "CREDENTIALS_CHANGED": _("The password was changed. Sign in again."),
    "LOGIN_TAKEN": _("Somebody already has this login."),
    "LAST_ADMINISTRATOR": _("This is the last administrator: name another one first."),
    "PROFILE_NOT_FOUND": _("Choose one of the profiles."),
    "USER_NOT_FOUND": _("This user does not exist."),
    "PASSWORD_TOO_WEAK": _("Choose another password: at least 8 characters, and not one of those that everybody uses."),
    "PIN_INVALID": _("A PIN has 4 to 8 digits, neither all the same nor in order such as 1234."),
    "BADGE_INVALID": _("Scan a badge with a code of at least 12 characters: a shorter one could be guessed."),
    "BADGE_TAKEN": _("Somebody else already wears this badge."),
    "TILL_NUMBER_TAKEN": _("Another till already has this number."),
    "TILL_NOT_FOUND": _("This till does not exist."),
    "TILL_REVOKED": _("This till was revoked."),
    "TILL_RETURNED": _("This till was returned."),
    "TILL_IN_SERVICE": _("A machine is this till already: move it to another machine, or ask it back."),
    "TILL_NOT_IN_SERVICE": _("No machine is this till now."),
}
