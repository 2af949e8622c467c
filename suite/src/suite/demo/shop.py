"""The demo's shop: forty articles."""

from suite.demo.centre import Centre, call, id_of
from ticketing.catalog.v1 import catalog_pb2 as c
from ticketing.catalog.v1 import catalog_service_pb2 as pb
from ticketing.inventory.v1 import inventory_service_pb2 as inventory_pb

BOOKS, PAPER, TEXTILE, TOYS, OBJECTS, SWEETS, SERVICES = (
    "Librairie", "Papeterie", "Textile", "Jeux et jouets", "Objets", "Épicerie", "Services",
)  # fmt: skip
COLOURS = {
    BOOKS: "#3d5a80",
    PAPER: "#5c677d",
    TEXTILE: "#7a2e4d",
    TOYS: "#8a5a00",
    OBJECTS: "#1f6f78",
    SWEETS: "#6b4226",
    SERVICES: "#2f5d3a",
}
SIZES = ("S", "M", "L", "XL")
MAIN_PLACE = "00000000-0000-0000-0000-000000000001"  # the stock place that is always there
SHOP = "Boutique"
SCARCE, FEW = ("Foulard de soie", "Reproduction encadrée"), 4

# name, family, price in cents, VAT in basis points, options
ARTICLES: tuple[tuple[str, str, int, int, tuple[str, ...]], ...] = (
    ("Catalogue « Eaux vives »", BOOKS, 3500, 550, ()),
    ("Guide du musée", BOOKS, 900, 550, ()),
    ("Histoire des canaux de France", BOOKS, 2400, 550, ()),
    ("Cyrano de Bergerac, texte intégral", BOOKS, 490, 550, ()),
    ("Mon premier canal (3-6 ans)", BOOKS, 1250, 550, ()),
    ("Carnet de voyage d'un éclusier", BOOKS, 1690, 550, ()),
    ("Affiches de batellerie", BOOKS, 2990, 550, ()),
    ("Carte postale", PAPER, 150, 2000, ()),
    ("Lot de 6 cartes postales", PAPER, 750, 2000, ()),
    ("Affiche de l'exposition", PAPER, 1200, 2000, ("40 × 60", "50 × 70")),
    ("Carnet ligné", PAPER, 890, 2000, ()),
    ("Crayon graphite", PAPER, 250, 2000, ()),
    ("Stylo péniche", PAPER, 450, 2000, ()),
    ("Marque-page aimanté", PAPER, 350, 2000, ()),
    ("Calendrier 2027", PAPER, 1390, 2000, ()),
    ("Boîte d'aquarelle", PAPER, 2200, 2000, ()),
    ("T-shirt du festival", TEXTILE, 2200, 2000, SIZES),
    ("Marinière", TEXTILE, 3900, 2000, SIZES),
    ("Tote bag", TEXTILE, 1200, 2000, ("Écru", "Bleu")),
    ("Casquette", TEXTILE, 1800, 2000, ()),
    ("Foulard de soie", TEXTILE, 5900, 2000, ()),
    ("Chaussettes à rayures", TEXTILE, 950, 2000, ("36-40", "41-45")),
    ("Péniche en bois", TOYS, 2450, 2000, ()),
    ("Puzzle 500 pièces", TOYS, 1890, 2000, ()),
    ("Jeu de sept familles", TOYS, 990, 2000, ()),
    ("Peluche ragondin", TOYS, 1650, 2000, ()),
    ("Maquette d'écluse à monter", TOYS, 2790, 2000, ()),
    ("Mug émaillé", OBJECTS, 1350, 2000, ()),
    ("Magnet", OBJECTS, 450, 2000, ()),
    ("Porte-clés amarre", OBJECTS, 790, 2000, ()),
    ("Gourde en inox", OBJECTS, 1990, 2000, ("Bleu", "Blanc")),
    ("Bougie bois flotté", OBJECTS, 2400, 2000, ()),
    ("Reproduction encadrée", OBJECTS, 6900, 2000, ()),
    ("Badge", OBJECTS, 200, 2000, ()),
    ("Miel des berges 250 g", SWEETS, 790, 550, ()),
    ("Sablés du batelier", SWEETS, 650, 550, ()),
    ("Chocolats du canal", SWEETS, 1250, 2000, ()),
    ("Eau minérale 50 cl", SWEETS, 200, 550, ()),
    ("Audioguide", SERVICES, 400, 2000, ()),
    ("Vestiaire", SERVICES, 200, 2000, ()),
)


def create_shop(centre: Centre) -> dict[str, str]:
    """Save the articles; returns their ids by name."""
    products = [
        c.Product(
            id=id_of("product", name), name=name, family=family, supplier="Boutique du Canal",
            reference=f"37600{number:07d}", price=price, vat_rate_bp=rate_bp, colour=COLOURS[family],
            options=[c.ProductOption(code=option, label=option) for option in options],
        )
        for number, (name, family, price, rate_bp, options) in enumerate(ARTICLES, 1)
    ]  # fmt: skip
    call(centre.catalog.SaveProducts, pb.SaveProductsRequest(request_id=id_of("products"), products=products))
    return {product.name: product.id for product in products}


def receive_stock(centre: Centre, products: dict[str, str]) -> None:
    """A first delivery of each article into the reserve; part of it goes to the shop, from which the museum sells.

    Each is watched there, and two are low.
    """
    _save_place(centre, MAIN_PLACE, "Réserve")
    _save_place(centre, id_of("stock place", SHOP), SHOP, id_of("point of sale"))
    for name, family, _, _, options in ARTICLES:
        for option in options or ("",):
            article = {"product_id": products[name], "option": option}
            received = inventory_pb.MoveStockRequest(
                request_id=id_of("stock", name, option), quantity=200, cause=inventory_pb.STOCK_CAUSE_RECEIVED,
                note="Ouverture", **article,
            )  # fmt: skip
            call(centre.inventory.MoveStock, received)
            carried = inventory_pb.TransferStockRequest(
                request_id=id_of("stock to shop", name, option), quantity=FEW if name in SCARCE else 60,
                from_place_id=MAIN_PLACE, to_place_id=id_of("stock place", SHOP), note="Mise en rayon", **article,
            )  # fmt: skip
            call(centre.inventory.TransferStock, carried)
            if family != SERVICES:
                watched = inventory_pb.SaveStockThresholdRequest(
                    request_id=id_of("threshold", name, option), place_id=id_of("stock place", SHOP), threshold=10,
                    **article,
                )  # fmt: skip
                call(centre.inventory.SaveStockThreshold, watched)


def _save_place(centre: Centre, place_id: str, name: str, *points_of_sale: str) -> None:
    place = inventory_pb.StockPlace(place_id=place_id, name=name, points_of_sale=points_of_sale)
    request = inventory_pb.SaveStockPlaceRequest(request_id=id_of("save stock place", name), place=place)
    call(centre.inventory.SaveStockPlace, request)
