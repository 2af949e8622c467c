"""The demo's point of sale: its keys, its till."""

import uuid
from collections.abc import Mapping

from suite.demo.centre import Centre, call, id_of, once
from suite.demo.programme import CYRANO, FESTIVAL, FREE, FULL, MUSEUM, REDUCED, VISIT, YOUNG
from suite.demo.shop import ARTICLES, COLOURS
from ticketing.accounts.v1 import accounts_service_pb2 as accounts_pb
from ticketing.catalog.v1 import catalog_pb2 as c
from ticketing.catalog.v1 import catalog_service_pb2 as pb

POINT_OF_SALE = "Accueil du musée"
TILL_NUMBER = "T01"
ARTICLES_ON_KEYS = (
    "Audioguide", "Vestiaire", "Guide du musée", "Catalogue « Eaux vives »", "Carte postale", "Tote bag", "Mug émaillé",
    "Eau minérale 50 cl",
)  # fmt: skip


def create_till_profile(centre: Centre, products: Mapping[str, str]) -> None:
    """Keys for what is sold all day, two express keys, and the pages that fill themselves."""
    keys = [
        _admission("Musée", FULL, "#1f6f78", VISIT),
        _admission("Musée", REDUCED, "#2b7f89", VISIT),
        _admission("Musée", YOUNG, "#2b7f89", VISIT),
        _admission("Musée", FREE, "#46606a", VISIT),
        _express(products, "Entrée + audioguide", "plein tarif", (VISIT, FULL, 1), ("Audioguide", 1)),
        _express(products, "Famille", "2 pleins, 2 gratuits", (VISIT, FULL, 2), (VISIT, FREE, 2)),
        _admission("Cyrano", FULL, "#7a2e4d", CYRANO),
        _admission("Cyrano", REDUCED, "#8d4260", CYRANO),
        _admission("Festival", FULL, "#9a5a00", FESTIVAL),
        _admission("Festival", YOUNG, "#8a5a00", FESTIVAL),
        *(_article(name, products) for name in ARTICLES_ON_KEYS),
    ]
    pages = [
        c.Page(id="accueil", label="Accueil", kind=c.PAGE_KIND_KEYS, keys=keys),
        c.Page(id="seances", label="Séances", kind=c.PAGE_KIND_PERFORMANCES),
        c.Page(id="boutique", label="Boutique", kind=c.PAGE_KIND_PRODUCTS),
    ]
    profile = c.TillProfile(
        id=id_of("till profile"), name="Accueil", pages=pages, payment_modes=["cash", "card", "cheque"],
        ticket_template="ticket_80mm", receipt_template="receipt_80mm", lock_after_minutes=15,
    )  # fmt: skip
    call(
        centre.catalog.SaveTillProfile,
        pb.SaveTillProfileRequest(request_id=id_of("save till profile"), till_profile=profile),
    )
    point_of_sale = c.PointOfSale(
        id=id_of("point of sale"), name=POINT_OF_SALE, venue_id=id_of("venue", MUSEUM), till_profile_id=profile.id
    )
    call(
        centre.catalog.SavePointOfSale,
        pb.SavePointOfSaleRequest(request_id=id_of("save point of sale"), point_of_sale=point_of_sale),
    )


def create_till(centre: Centre) -> str:
    """Till T01 and its single-use code; "" when the till has a machine already."""
    request = accounts_pb.CreateTillRequest(
        request_id=id_of("till", TILL_NUMBER),
        number=TILL_NUMBER,
        name="Guichet 1",
        point_of_sale_id=id_of("point of sale"),
    )
    once(centre.accounts.CreateTill, request, "TILL_NUMBER_TAKEN")
    tills = call(centre.accounts.ListTills, accounts_pb.ListTillsRequest()).tills
    till = next(till for till in tills if till.number == TILL_NUMBER)
    if till.state == accounts_pb.TILL_STATE_ENROLLED:
        return ""
    # A new code each time: the first answer of CreateTill may have been given to a load that was interrupted.
    renewal = accounts_pb.RenewEnrolmentCodeRequest(request_id=str(uuid.uuid4()), till_id=till.id)
    return str(call(centre.accounts.RenewEnrolmentCode, renewal).enrolment_code)


def _admission(label: str, tariff: str, colour: str, show: str) -> c.Key:
    item = c.KeyItem(show_id=id_of("show", show), tariff_id=id_of("tariff", tariff), quantity=1)
    return c.Key(id=id_of("key", show, tariff), label=label, sublabel=tariff, colour=colour, items=[item])


def _article(name: str, products: Mapping[str, str]) -> c.Key:
    family = next(family for article, family, *_ in ARTICLES if article == name)
    option = "Écru" if name == "Tote bag" else ""
    item = c.KeyItem(product_id=products[name], option=option, quantity=1)
    return c.Key(id=id_of("key", name), label=name, sublabel=option, colour=COLOURS[family], items=[item])


def _express(products: Mapping[str, str], label: str, sublabel: str, *parts: tuple) -> c.Key:
    """Parts are (show, tariff, quantity) or (article, quantity)."""
    items = [
        c.KeyItem(show_id=id_of("show", part[0]), tariff_id=id_of("tariff", part[1]), quantity=part[2])
        if len(part) == 3
        else c.KeyItem(product_id=products[part[0]], quantity=part[1])
        for part in parts
    ]
    return c.Key(id=id_of("key", label), label=label, sublabel=sublabel, colour="#14505c", items=items)
