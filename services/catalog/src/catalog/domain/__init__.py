"""The programme and its rules, by noun. Values are frozen; saving one replaces it whole."""

from catalog.domain.checks import MAX_AMOUNT, MAX_VAT_RATE_BP
from catalog.domain.errors import (
    CapacityOutOfRange,
    CategoryCodeTaken,
    PerformanceEndsBeforeStart,
    PerformanceNotFound,
    PlanCategoriesWithoutPrice,
    PlanInvalid,
    PlanTooLarge,
    PlanVersionNotFound,
    PointOfSaleNotFound,
    PriceOutOfRange,
    PriceTwice,
    ProductReferenceTaken,
    ReferenceNotFound,
    ShowNotFound,
    TillDraftChanged,
    TillNotSeen,
    TillProfileNotFound,
    TillSetupNotFound,
    TillSetupPublished,
    TillSetupUnchanged,
    VatRateOutOfRange,
)
from catalog.domain.plans import PlanFormat, PlanVersion, parse_plan
from catalog.domain.prices import Category, Channel, Price, PriceList, Product, ProductOption, Tariff, TariffKind
from catalog.domain.programme import Organisation, Performance, PerformanceState, Show, ShowGroup, Venue
from catalog.domain.tills import (
    PAYMENT_MODES,
    Key,
    KeyCode,
    KeyItem,
    MessageMoment,
    Page,
    PageKind,
    PointOfSale,
    QuestionKind,
    SellerMessage,
    SurveyQuestion,
    TillProfile,
)
from catalog.domain.vat import Dated, PaidCount, Territory, VatKind, VatRule

Thing = (
    Venue
    | ShowGroup
    | Show
    | Performance
    | Category
    | Tariff
    | PriceList
    | Channel
    | Product
    | PointOfSale
    | TillProfile
)

__all__ = [
    "MAX_AMOUNT",
    "MAX_VAT_RATE_BP",
    "PAYMENT_MODES",
    "CapacityOutOfRange",
    "Category",
    "CategoryCodeTaken",
    "Channel",
    "Dated",
    "Key",
    "KeyCode",
    "KeyItem",
    "MessageMoment",
    "Organisation",
    "Page",
    "PageKind",
    "PaidCount",
    "Performance",
    "PerformanceEndsBeforeStart",
    "PerformanceNotFound",
    "PerformanceState",
    "PlanCategoriesWithoutPrice",
    "PlanFormat",
    "PlanInvalid",
    "PlanTooLarge",
    "PlanVersion",
    "PlanVersionNotFound",
    "PointOfSale",
    "PointOfSaleNotFound",
    "Price",
    "PriceList",
    "PriceOutOfRange",
    "PriceTwice",
    "Product",
    "ProductOption",
    "ProductReferenceTaken",
    "QuestionKind",
    "ReferenceNotFound",
    "SellerMessage",
    "Show",
    "ShowGroup",
    "ShowNotFound",
    "SurveyQuestion",
    "Tariff",
    "TariffKind",
    "Territory",
    "Thing",
    "TillDraftChanged",
    "TillNotSeen",
    "TillProfile",
    "TillProfileNotFound",
    "TillSetupNotFound",
    "TillSetupPublished",
    "TillSetupUnchanged",
    "VatKind",
    "VatRateOutOfRange",
    "VatRule",
    "Venue",
    "parse_plan",
]
