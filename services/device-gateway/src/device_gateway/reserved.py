"""Reserved files at the till: found at the centre, claimed, and sold as one thing of the basket (A6).

Finding and claiming need the network. Once claimed, a file is on this till's disk: the sale needs none.
"""

from device_gateway.centre import Centre, Found
from device_gateway.domain.reserved import Claim
from device_gateway.store import claims
from device_gateway.till import Seller, Till


def search(till: Till, centre: Centre, seller: Seller, text: str) -> list[Found]:
    """Files that fit, the newest first, at most a screenful. Raises Forbidden, FieldInvalid, Unavailable."""
    seller.require("cashdesk.sell")
    till.identity.enrolled()
    return centre.search_reservations(text)


def claim(till: Till, centre: Centre, seller: Seller, reservation_id: str) -> Claim:
    """This till takes the file's money: nobody else may meanwhile, and its places wait for the sale.

    Raises Forbidden, RESERVATION_ENDED, RESERVATION_BEING_PAID, RESERVATION_NOT_FOUND, Unavailable.
    """
    seller.require("cashdesk.sell")
    claimed = centre.claim_reservation(till.identity.enrolled().till_id, reservation_id)
    with till.database.write() as tx:
        claims.keep(tx, claimed)
    return claimed


def leave(till: Till, centre: Centre, reservation_id: str) -> None:
    """The file is not paid here after all. The centre is told if it answers; else the claim runs out there by itself.

    Raises Unavailable, after the till has forgotten the claim.
    """
    with till.database.write() as tx:
        claimed = claims.forget(tx, reservation_id)
    if claimed:
        centre.unclaim_reservation(till.identity.enrolled().till_id, reservation_id)
