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
    "SHOW_NOT_FOUND": _("This show does not exist."),
    "PLAN_CATEGORIES_WITHOUT_PRICE": _("This price list has no price for: %(categories)s."),
    "CATEGORY_CODE_TAKEN": _("Another price category prices this category of plans (%(code)s)."),
    "PLAN_INVALID": _("The file cannot be read as a plan: %(path)s %(why)s."),
    "PLAN_TOO_LARGE": _("The file is too large: at most 8 MB, and 64 MB unpacked."),
    "PLAN_VERSION_NOT_FOUND": _("This version of the plan does not exist."),
    "POINT_OF_SALE_NOT_FOUND": _("This point of sale does not exist."),
    "TILL_PROFILE_NOT_FOUND": _("This till profile does not exist."),
    "TILL_DRAFT_CHANGED": _("Somebody else changed this draft meanwhile. Reload the page and look at it again."),
    "TILL_SETUP_UNCHANGED": _("The draft is what version %(number)s is: there is nothing to publish."),
    "TILL_SETUP_PUBLISHED": _("This profile has versions: change its draft and publish it."),
    "TILL_SETUP_NOT_FOUND": _("This version does not exist."),
    "TILL_NOT_SEEN": _("This till has never asked what to run."),
}
# Why a key of a till cannot sell now, by the reasons of setups.layout.
KEYS_DISABLED = {
    "NO_PERFORMANCE": _("No performance to come"),
    "NO_PRICE": _("Tariff not sold for this performance"),
    "SOLD_OUT": _("Sold out"),
    "NO_PRODUCT": _("Article no longer on sale"),
    "NO_OPTION": _("Choose an option"),
    "EMPTY": _("Empty key"),
}
# What keeps a draft of a till profile from being published, by the reasons of catalog.domain.setups.
SETUP_FAULTS = {
    "PAGE_MISSING": _("there is no page"),
    "MODE_MISSING": _("a till must take at least one"),
    "ID_TWICE": _("is there twice"),
    "PAGE_EMPTY": _("has no key"),
    "KEY_EMPTY": _("sells nothing"),
    "ARCHIVED": _("sells something that is archived"),
    "TOO_LARGE": _("more keys than a till can take"),
    "NEVER_SHOWN": _("ends before it begins"),
    "CHOICES_MISSING": _("needs at least two answers to choose from"),
    "CODE_TWICE": _("another line has the same key of the keyboard"),
    "TARGET_UNKNOWN": _("acts on something that is not there"),
}
# Why a till did not take a version, by the reasons of libs/setups.
SETUP_REFUSALS = {
    "TOO_LARGE": _("Refused: too large"),
    "MALFORMED": _("Refused: unreadable"),
    "SIGNATURE_INVALID": _("Refused: the signature is not right"),
    "NOT_OURS": _("Refused: meant for another till"),
}
# What is wrong with a plan, by the reasons of seating.faults.
FAULTS = {
    "SEAT_ID_TWICE": _("Two seats have the same identifier"),
    "ZONE_ID_TWICE": _("Two zones have the same identifier"),
    "AREA_ID_TWICE": _("Two areas have the same identifier"),
    "CATEGORY_TWICE": _("Two categories have the same code"),
    "CATEGORY_UNKNOWN": _("The category is not one of the plan's"),
    "SEAT_OUTSIDE_PLAN": _("The seat lies outside the plan"),
    "SEAT_OUTSIDE_ZONE": _("The seat lies outside its zone"),
    "SEATS_AT_ONE_SPOT": _("Two seats stand on the same spot"),
    "NEIGHBOUR_UNKNOWN": _("A neighbour is not in the plan"),
    "NEIGHBOUR_OF_ITSELF": _("The seat is its own neighbour"),
    "NEIGHBOURS_DISAGREE": _("Two neighbours do not name each other"),
    "NEIGHBOUR_IN_ANOTHER_ROW": _("A neighbour stands in another row"),
    "NEIGHBOURS_IN_A_RING": _("The row closes on itself"),
    "COMPANION_WITHOUT_SPACE": _("A companion's seat names no wheelchair space"),
    "COMPANION_OF_NO_WHEELCHAIR_SPACE": _("A companion's seat names a seat that is no wheelchair space"),
    "COMPANION_APART": _("A companion's seat is not beside its wheelchair space"),
    "ROW_EMPTY": _("A row has no seat"),
    "SEAT_LABEL_TWICE": _("Two seats of a row bear the same number"),
    "PLAN_EMPTY": _("The plan has neither seats nor areas"),
    "NEIGHBOURS_PROPOSED": _(
        "The file does not say who sits beside whom: neighbours and aisles were proposed from the drawing, look at them"
    ),
    "QUALITY_PROPOSED": _("The file does not rank every seat: the nearest to the stage come first"),
    "COLUMN_MISSING": _("The table has no such column"),
    "CELL_MISSING": _("The cell is empty"),
    "CELL_NOT_VALID": _("The cell is too long, or no whole number"),
    "ID_TWICE": _("Two lines have the same identifier"),
    "ATTRIBUTE_UNKNOWN": _("This attribute is not known"),
    "NOT_IN_DRAWING": _("No element of the drawing has this identifier"),
    "TWICE_IN_DRAWING": _("Several elements of the drawing have this identifier"),
    "TABLE_EMPTY": _("The table names no seat"),
    "TABLE_UNREADABLE": _("The table cannot be read from here on"),
    "TOO_MANY_SEATS": _("There are more seats than a plan can have"),
    "TOO_MANY_CATEGORIES": _("There are more categories than a plan can have"),
    "DRAWING_UNREADABLE": _("The drawing is no SVG that can be read: save it as plain SVG, UTF-8"),
    "DRAWING_HAS_ENTITIES": _("The drawing has XML entities, which are refused: save it as plain SVG"),
    "DRAWING_TOO_LARGE": _("The drawing has too many elements or too long a transform"),
    "NOT_VALID": _("A value that no plan can have"),
    "TOO_MANY": _("More than a plan can have"),
}
# Columns of a drawing's table, by the names of seating.formats.drawing.
COLUMNS = {
    "id": _("identifier"), "zone": _("zone"), "row": _("row"), "seat": _("seat"), "category": _("category"),
    "left": _("left"), "right": _("right"), "quality": _("quality"), "attributes": _("attributes"),
    "companion_of": _("companion of"), "box": _("box"),
}  # fmt: skip
STATES = {1: _("Draft"), 2: _("On sale"), 3: _("Cancelled")}
TONES = {1: "secondary", 2: "good", 3: "bad"}
KINDS = {1: _("Full price"), 2: _("Reduced"), 3: _("Free")}
# By the numbers of VatKind and Territory (LAW-19).
VAT_KINDS = {
    0: _("Rates fixed by hand, on each price"),
    1: _("Creation, or classic newly staged"),
    2: _("Other show, cinema, sport"),
    3: _("Exhibition or fair"),
    4: _("Anything else: standard rate"),
}
FIRST_PERFORMANCES = 140  # of a creation, at its reduced rate
TERRITORIES = {0: _("Mainland France"), 1: _("Corsica"), 2: _("Guadeloupe, Martinique, La Réunion")}
VAT_RATES = (210, 550, 1000, 2000, 0)
PAYMENT_MODES = {"cash": _("Cash"), "card": _("Card"), "cheque": _("Cheque")}
# Profiles of accounts that sell at tills.
SELLING_PROFILES = {
    "cashier": _("Cashiers"), "head_cashier": _("Head cashiers"), "administrator": _("Administrators"),
}  # fmt: skip
WEEKDAYS = (_("Monday"), _("Tuesday"), _("Wednesday"), _("Thursday"), _("Friday"), _("Saturday"), _("Sunday"))
