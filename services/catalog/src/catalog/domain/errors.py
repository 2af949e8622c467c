"""What the catalogue refuses; `facts["field"]` names the faulty field."""

from kit.errors import DomainError, Kind


class CapacityOutOfRange(DomainError):
    kind, reason = Kind.INVALID, "CAPACITY_OUT_OF_RANGE"


class PerformanceEndsBeforeStart(DomainError):
    kind, reason = Kind.INVALID, "PERFORMANCE_ENDS_BEFORE_START"


class PriceOutOfRange(DomainError):
    kind, reason = Kind.INVALID, "PRICE_OUT_OF_RANGE"


class VatRateOutOfRange(DomainError):
    kind, reason = Kind.INVALID, "VAT_RATE_OUT_OF_RANGE"


class PriceTwice(DomainError):
    """The same tariff and category have two prices in one list."""

    kind, reason = Kind.INVALID, "PRICE_TWICE"


class ReferenceNotFound(DomainError):
    """`facts["field"]` names an object that does not exist, `facts["id"]` its id."""

    kind, reason = Kind.INVALID, "REFERENCE_NOT_FOUND"


class CategoryCodeTaken(DomainError):
    """Two price categories for the same category of plans."""

    reason = "CATEGORY_CODE_TAKEN"


class PlanCategoriesWithoutPrice(DomainError):
    """A numbered performance whose price list says nothing for some seats; `facts["categories"]` names theirs."""

    kind, reason = Kind.INVALID, "PLAN_CATEGORIES_WITHOUT_PRICE"


class ProductReferenceTaken(DomainError):
    reason = "PRODUCT_REFERENCE_TAKEN"


class PlanInvalid(DomainError):
    """`facts["path"]` names the first thing that is wrong in the file, `facts["problems"]` counts them."""

    kind, reason = Kind.INVALID, "PLAN_INVALID"


class PlanTooLarge(DomainError):
    kind, reason = Kind.INVALID, "PLAN_TOO_LARGE"


class PlanVersionNotFound(DomainError):
    kind, reason = Kind.NOT_FOUND, "PLAN_VERSION_NOT_FOUND"


class PerformanceNotFound(DomainError):
    kind, reason = Kind.NOT_FOUND, "PERFORMANCE_NOT_FOUND"


class ShowNotFound(DomainError):
    kind, reason = Kind.NOT_FOUND, "SHOW_NOT_FOUND"


class PointOfSaleNotFound(DomainError):
    kind, reason = Kind.NOT_FOUND, "POINT_OF_SALE_NOT_FOUND"


class TillProfileNotFound(DomainError):
    kind, reason = Kind.NOT_FOUND, "TILL_PROFILE_NOT_FOUND"


class TillDraftChanged(DomainError):
    """Somebody else saved the draft meanwhile; `facts["revision"]` is now right."""

    reason = "TILL_DRAFT_CHANGED"


class TillSetupUnchanged(DomainError):
    """The draft is what version `facts["number"]` is."""

    reason = "TILL_SETUP_UNCHANGED"


class TillSetupPublished(DomainError):
    """The profile has versions: its tills are changed by publishing another."""

    reason = "TILL_SETUP_PUBLISHED"


class TillSetupNotFound(DomainError):
    kind, reason = Kind.NOT_FOUND, "TILL_SETUP_NOT_FOUND"


class TillNotSeen(DomainError):
    """The till has never asked the centre what to run."""

    kind, reason = Kind.NOT_FOUND, "TILL_NOT_SEEN"
