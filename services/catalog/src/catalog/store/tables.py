"""Tables by noun: columns bear the names of the fields, and a table's key comes first."""

from catalog.domain import (
    Category,
    Channel,
    Performance,
    PointOfSale,
    PriceList,
    Product,
    Show,
    ShowGroup,
    Tariff,
    TillProfile,
    Venue,
)

NOUN = "revision bigint, archived boolean"

# Table and columns (name, type) of each noun; columns bear the names of the fields.
TABLES: dict[type, tuple[str, str]] = {
    Venue: ("venues", f"id uuid, name text, zone text, address text, {NOUN}, territory smallint"),
    ShowGroup: ("show_groups", f"id uuid, name text, parent_id uuid, {NOUN}"),
    Show: (
        "shows",
        f"id uuid, title text, group_id uuid, venue_id uuid, colour text, description text, {NOUN}, "
        "vat_kind smallint, drinks_served boolean, paid_before integer",
    ),
    Performance: (
        "performances",
        "id uuid, show_id uuid, hall text, starts_at timestamptz, ends_at timestamptz, capacity integer, "
        "price_list_id uuid, state smallint, revision bigint, plan_version_id uuid",
    ),
    Category: ("categories", f"id uuid, name text, {NOUN}, code text"),
    Tariff: ("tariffs", f"id uuid, name text, kind smallint, proof text, rank integer, {NOUN}"),
    PriceList: ("price_lists", f"id uuid, name text, {NOUN}"),
    Channel: ("channels", f"code text, name text, {NOUN}"),
    Product: (
        "products",
        "id uuid, name text, family text, subfamily text, supplier text, reference text, price bigint, "
        f"vat_rate_bp integer, options jsonb, colour text, {NOUN}",
    ),
    TillProfile: (
        "till_profiles",
        "id uuid, name text, pages jsonb, payment_modes text[], ticket_template text, receipt_template text, "
        f"{NOUN}, lock_after_minutes integer, messages jsonb, questions jsonb, key_codes jsonb, "
        "blind_declaration boolean, second_signature_above bigint",
    ),
    PointOfSale: ("points_of_sale", f"id uuid, name text, venue_id uuid, till_profile_id uuid, {NOUN}"),
}
# Read with the others, never saved with them.
COMPUTED: dict[type, tuple[str, ...]] = {Performance: ("vat_rate_bp",)}
# Of a page in `pages`: kept where they say something.
ADDED_TO_PAGES = ("cashier_profiles", "cashier_ids", "colour", "show_ids")
PRICES = (
    "price_list_id uuid, position integer, tariff_id uuid, category_id uuid, amount bigint, vat_rate_bp integer, "
    "channels text[]"
)
REFERENCES = "till_profile_id uuid, show_id uuid, performance_id uuid, tariff_id uuid, product_id uuid, venue_id uuid"


def names(columns: str) -> list[str]:
    """The names in a list of columns."""
    return [column.split()[0] for column in columns.split(", ")]
