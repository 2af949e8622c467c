"""What stands on two lines by twenty characters (C3)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device_gateway.devices.display import CODE_TABLES, WIDTH, encode, rows
from device_gateway.live import Shown, ShownLine

AMOUNTS = st.integers(0, 10**9)
LINES = st.builds(ShownLine, st.text(max_size=60), st.text(max_size=10), st.integers(0, 999), AMOUNTS)
SHOWN = st.builds(
    Shown, st.sampled_from(["closed", "welcome", "basket", "paying", "done"]), st.lists(LINES, max_size=4).map(tuple),
    st.integers(0, 5), AMOUNTS, AMOUNTS, AMOUNTS, AMOUNTS,
)  # fmt: skip


@given(SHOWN, st.text(max_size=60), st.sampled_from(["fr", "en"]), st.sampled_from([None, *CODE_TABLES]))
def test_each_line_fills_its_width_exactly_and_no_text_can_be_a_command(shown, name, language, table):
    for row in rows(shown, name, language):
        written = encode(row, table)
        assert (len(row), len(written)) == (WIDTH, WIDTH)
        assert min(written) >= 0x20


def shown(state, **amounts) -> Shown:
    lines = (ShownLine("Visite libre – plein tarif", "14:30", 1, 1200), ShownLine("Affiche", "", 2, 900))
    return Shown(state, lines, **amounts)


@pytest.mark.parametrize(
    ("what", "upper", "lower"),
    [
        (Shown("welcome"), "Musée des Tuileries ", "     Bienvenue      "),
        (shown("basket", newest=0, total=2100), "Visite libre – 12,00", "Total          21,00"),
        (shown("basket", newest=1, total=2100), "2 x Affiche     9,00", "Total          21,00"),
        (shown("paying", total=2100, due=1100), "Total          21,00", "À payer        11,00"),
        (shown("paying", total=2100, tendered=5000, change=2900), "Reçu           50,00", "À rendre       29,00"),
        (shown("done", total=2100, change=2900), "Payé           21,00", "À rendre       29,00"),
        (shown("done", total=2100), "Payé           21,00", "       Merci        "),
        (Shown("closed"), "   Caisse fermée    ", "Musée des Tuileries "),
    ],
)
def test_customers_read_what_they_pay_for_and_what_they_get_back(what, upper, lower):
    assert rows(what, "Musée des Tuileries") == (upper, lower)


def test_accents_are_written_where_the_display_has_them_and_folded_where_it_has_not():
    assert encode("À 5€ ē", 19).decode("cp858") == "À 5€ e"
    assert encode("Reçu à l’entrée", None) == b"Recu a l'entree"
    assert encode("日", None) == b"?"
