"""The demo's programme: credible names, prices and VAT rates (LAW-19: 5.5 % shows, 10 % exhibitions, 20 % the rest)."""

import json
import uuid
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from seating.generate import theatre
from suite.demo.centre import Centre, call, id_of
from ticketing.catalog.v1 import catalog_pb2 as c
from ticketing.catalog.v1 import catalog_service_pb2 as pb

ZONE = "Europe/Paris"
SLOT = timedelta(minutes=30)
DAYS = 60

FULL, REDUCED, YOUNG, FREE = "Plein tarif", "Tarif réduit", "Moins de 26 ans", "Gratuit"
TARIFFS = (
    (FULL, c.TARIFF_KIND_FULL, ""),
    (REDUCED, c.TARIFF_KIND_REDUCED, "Demandeur d'emploi, étudiant, plus de 65 ans"),
    (YOUNG, c.TARIFF_KIND_REDUCED, "Pièce d'identité"),
    (FREE, c.TARIFF_KIND_FREE, "Moins de 12 ans, carte ICOM, accompagnant PMR"),
)
MUSEUM, THEATRE, QUAYS = "Musée des Canaux", "Théâtre de l'Écluse", "Quais du Bassin"
VISIT, CYRANO, NOCTURNE, CARMEN, FESTIVAL = (
    "Visite du musée",
    "Cyrano de Bergerac",
    "Concert de minuit",
    "Carmen",
    "Festival Les Quais – journée",
)
CATEGORY = "Placement libre"

# amounts in cents by tariff, VAT in basis points
PRICE_LISTS = {
    "Musée 2026-2027": ({FULL: 1200, REDUCED: 900, YOUNG: 600, FREE: 0}, 1000),
    "Théâtre 2026-2027": ({FULL: 2800, REDUCED: 2100, YOUNG: 1400, FREE: 0}, 550),
    "Festival 2026": ({FULL: 3500, REDUCED: 2900, YOUNG: 2500, FREE: 0}, 550),
}
# Numbered seats: amounts by tariff for each category of the theatre's plan.
SEATED_PRICES = {
    "1": {FULL: 8500, REDUCED: 7500, YOUNG: 4000},
    "2": {FULL: 6200, REDUCED: 5200, YOUNG: 3000},
    "3": {FULL: 3900, REDUCED: 3200, YOUNG: 2000},
    "4": {FULL: 1800, REDUCED: 1500, YOUNG: 1000},
}
SEATED = "Opéra 2026-2027"
SHOWS = (
    (VISIT, "Saison 2026-2027", MUSEUM, "#1f6f78", "Collections permanentes et exposition « Eaux vives »."),
    (CYRANO, "Saison 2026-2027", THEATRE, "#7a2e4d", "D'après Edmond Rostand, par la compagnie du Sas."),
    (NOCTURNE, "Saison 2026-2027", THEATRE, "#3d3a7c", "Quatuor et piano, autour de Fauré."),
    (CARMEN, "Saison 2026-2027", THEATRE, "#8c1c2e", "Opéra-comique de Georges Bizet, places numérotées."),
    (FESTIVAL, "Festival Les Quais", QUAYS, "#9a5a00", "Trois scènes, vingt concerts, de dix heures à minuit."),
)


def create_programme(centre: Centre, at: datetime) -> None:
    """Organisation, venues, groups, shows, tariffs, prices and performances from today on."""
    catalog = centre.catalog
    organisation = c.Organisation(
        name="Les Scènes du Canal", address="12 quai des Péniches, 69009 Lyon", siret="91234567800017",
        licence="PLATESV-D-2026-001234", currency="EUR", theme={"--tk-brand": "#14505c"},
    )  # fmt: skip
    call(
        catalog.SaveOrganisation,
        pb.SaveOrganisationRequest(request_id=id_of("organisation"), organisation=organisation),
    )
    for name, address in (
        (MUSEUM, "12 quai des Péniches, Lyon"),
        (THEATRE, "3 place de l'Écluse, Lyon"),
        (QUAYS, "Bassin nord, Lyon"),
    ):
        venue = c.Venue(id=id_of("venue", name), name=name, zone=ZONE, address=address)
        call(catalog.SaveVenue, pb.SaveVenueRequest(request_id=id_of("save venue", name), venue=venue))
    plan = json.dumps(theatre().to_json()).encode()
    plan_version = call(
        catalog.ImportPlan,
        pb.ImportPlanRequest(request_id=id_of("import plan"), venue_id=id_of("venue", THEATRE), content=plan),
    ).version
    for name in dict.fromkeys(group for _, group, *_ in SHOWS):
        group = c.ShowGroup(id=id_of("group", name), name=name)
        call(catalog.SaveShowGroup, pb.SaveShowGroupRequest(request_id=id_of("save group", name), group=group))
    for code, name in (("till", "Guichet"), ("counter", "Guichet web"), ("web", "Boutique en ligne")):
        call(
            catalog.SaveChannel,
            pb.SaveChannelRequest(request_id=id_of("channel", code), channel=c.Channel(code=code, name=name)),
        )
    category = c.Category(id=id_of("category", CATEGORY), name=CATEGORY)
    call(catalog.SaveCategory, pb.SaveCategoryRequest(request_id=id_of("save category"), category=category))
    for rank, (name, kind, proof) in enumerate(TARIFFS):
        tariff = c.Tariff(id=id_of("tariff", name), name=name, kind=kind, proof=proof, rank=rank)
        call(catalog.SaveTariff, pb.SaveTariffRequest(request_id=id_of("save tariff", name), tariff=tariff))
    for name, (amounts, rate_bp) in PRICE_LISTS.items():
        prices = [
            c.Price(tariff_id=id_of("tariff", tariff), category_id=category.id, amount=amount, vat_rate_bp=rate_bp)
            for tariff, amount in amounts.items()
        ]
        price_list = c.PriceList(id=id_of("price list", name), name=name, prices=prices)
        call(
            catalog.SavePriceList, pb.SavePriceListRequest(request_id=id_of("save prices", name), price_list=price_list)
        )
    create_seated_prices(centre)
    for title, group_name, venue_name, colour, description in SHOWS:
        show = c.Show(
            id=id_of("show", title), title=title, group_id=id_of("group", group_name),
            venue_id=id_of("venue", venue_name), colour=colour, description=description,
        )  # fmt: skip
        call(catalog.SaveShow, pb.SaveShowRequest(request_id=id_of("save show", title), show=show))
    today = at.astimezone(ZoneInfo(ZONE)).date()
    for performances in (_museum(today), _evenings(today), _seated(today, plan_version), _festival(today)):
        request_id = id_of("performances", performances[0].show_id, today)
        call(catalog.SavePerformances, pb.SavePerformancesRequest(request_id=request_id, performances=performances))


def create_seated_prices(centre: Centre) -> None:
    """A price category for each category of the theatre's plan, and their prices."""
    prices = []
    for code, amounts in SEATED_PRICES.items():
        category = c.Category(id=id_of("category", code), name=f"Catégorie {code}", code=code)
        call(
            centre.catalog.SaveCategory,
            pb.SaveCategoryRequest(request_id=id_of("save category", code), category=category),
        )
        prices += [
            c.Price(tariff_id=id_of("tariff", tariff), category_id=category.id, amount=amount, vat_rate_bp=550)
            for tariff, amount in amounts.items()
        ]
    price_list = c.PriceList(id=id_of("price list", SEATED), name=SEATED, prices=prices)
    call(
        centre.catalog.SavePriceList,
        pb.SavePriceListRequest(request_id=id_of("save prices", SEATED), price_list=price_list),
    )


def _seated(today: date, plan: c.PlanVersion) -> list[c.Performance]:
    """Carmen on the Sundays of the next four weeks, in the afternoon."""
    found = []
    for day in (today + timedelta(days=n) for n in range(1, 29)):
        if day.weekday() == 6:
            at = datetime.combine(day, time(16), ZoneInfo(ZONE))
            found.append(_performance(CARMEN, "Grande salle", at, timedelta(hours=3), plan.capacity, SEATED))
            found[-1].plan_version_id = plan.id
    return found


def _museum(today: date) -> list[c.Performance]:
    """A slot every 30 minutes, day and night: the demo can be tried at any hour."""
    first = datetime.combine(today, time(), ZoneInfo(ZONE)).astimezone(UTC)
    last = datetime.combine(today + timedelta(days=DAYS), time(), ZoneInfo(ZONE)).astimezone(UTC)
    count = int((last - first) / SLOT)
    return [_performance(VISIT, "Accueil", first + n * SLOT, SLOT, 400, "Musée 2026-2027") for n in range(count)]


def _evenings(today: date) -> list[c.Performance]:
    """Cyrano at 20:30 but on Mondays, and a concert at midnight on Fridays and Saturdays, for thirty days."""
    found = []
    for day in (today + timedelta(days=n) for n in range(31)):
        if day.weekday() != 0:
            at = datetime.combine(day, time(20, 30), ZoneInfo(ZONE))
            found.append(
                _performance(CYRANO, "Grande salle", at, timedelta(hours=2, minutes=15), 300, "Théâtre 2026-2027")
            )
        if day.weekday() in (4, 5):
            at = datetime.combine(day, time(23, 59), ZoneInfo(ZONE))
            found.append(_performance(NOCTURNE, "Petite salle", at, timedelta(hours=1), 90, "Théâtre 2026-2027"))
    return found


def _festival(today: date) -> list[c.Performance]:
    """The next Saturday, ten in the morning to midnight."""
    saturday = today + timedelta(days=(5 - today.weekday()) % 7 or 7)
    at = datetime.combine(saturday, time(10), ZoneInfo(ZONE))
    return [_performance(FESTIVAL, "Trois scènes", at, timedelta(hours=14), 5000, "Festival 2026")]


def _performance(title: str, hall: str, at: datetime, lasts: timedelta, capacity: int, prices: str) -> c.Performance:
    performance = c.Performance(
        id=id_of("performance", title, at.astimezone(UTC).isoformat()), show_id=id_of("show", title), hall=hall,
        capacity=capacity, price_list_id=id_of("price list", prices), state=c.PERFORMANCE_STATE_ON_SALE,
    )  # fmt: skip
    performance.starts_at.FromDatetime(at.astimezone(UTC).replace(tzinfo=None))
    performance.ends_at.FromDatetime((at + lasts).astimezone(UTC).replace(tzinfo=None))
    return performance


def extra_festival_day(centre: Centre, hall: str, places: int) -> str:
    """One more performance of the festival, the day after tomorrow, for a measure or a test; its id."""
    at = datetime.now(UTC) + timedelta(days=2)
    performance = _performance(FESTIVAL, hall, at, timedelta(hours=3), places, "Festival 2026")
    performance.id = str(uuid.uuid4())
    request = pb.SavePerformancesRequest(request_id=str(uuid.uuid4()), performances=[performance])
    call(centre.catalog.SavePerformances, request)
    return performance.id
