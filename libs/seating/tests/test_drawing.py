"""A drawing with a table: what drawing programs and spreadsheets write becomes a plan, or a fault with its line."""

import csv
import io
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seating import InvalidPlan, Trait, errors
from seating.formats import from_drawing, to_drawing
from seating.formats.svg import read_svg
from seating.generate import theatre
from seating.index import index_of

from .test_plan import plans

SVG = '<svg xmlns="http://www.w3.org/2000/svg">{}</svg>'


def seats(*spots):
    return SVG.format("".join(f'<circle id="{i}" cx="{x}" cy="{y}" r="4"/>' for i, x, y in spots))


def plan(svg, *rows, head="id;place", **others):
    table = "\n".join([head, *rows])
    return from_drawing(svg.encode(), others.get("table", table.encode()), "Salle").plan


def problem(*arguments, **others):
    with pytest.raises(InvalidPlan) as refused:
        plan(*arguments, **others)
    return refused.value.problems[0]


def simple(house):
    """As drawings can tell it: without areas and outlines, categories by code, zones counted."""
    return [
        [(zone.name, row.label, seat.id, seat.label, seat.x, seat.y, seat.category, seat.left, seat.right, seat.quality,
          seat.traits, seat.companion_of, seat.box) for seat in row.seats]
        for zone in house.zones for row in zone.rows
    ]  # fmt: skip


def test_a_theatre_goes_out_to_the_drawing_program_and_comes_back():
    house = theatre()
    svg, table = to_drawing(house)
    back = from_drawing(svg.encode(), table.encode(), house.name).plan
    assert simple(back) == simple(house)
    assert (back.focus, back.width, back.height) == (house.focus, house.width, house.height)
    assert errors(back) == []


@given(plans())
def test_whatever_plan_goes_out_its_seats_come_back_as_they_were(house):
    """Rows of one name in one zone become one, zones without seats are gone; no seat loses anything."""
    if not list(house.seats()):
        return
    svg, table = to_drawing(house)
    back = from_drawing(svg.encode(), table.encode(), "x")
    assert set(back.plan.seats()) == set(house.seats())
    assert back.proposed == ()


@given(
    st.lists(st.sampled_from(("id", "place", "rang", "gauche", "qualité", "a", "b", "-", "²", "1", ";", ",", "\t", "\n",
                              '"', "\r", "\0", "sep=;\n", "fauteuil", "\ufeff")), max_size=30).map("".join),
    st.sampled_from(("utf-8", "utf-16", "utf-16-le")),
)  # fmt: skip
def test_whatever_the_table_is_it_is_a_plan_or_told_faults(table, encoding):
    drawn = seats(("a", 0, 0), ("b", 25, 0)).encode()
    with suppress(InvalidPlan):
        assert {seat.id for seat in from_drawing(drawn, table.encode(encoding), "x").plan.seats()} <= {"a", "b"}


numbers = st.sampled_from(("0", "1", "-1", "1e400", "-1e400", "1e-400", "9e9", ".5", "", "x"))
shapes = st.sampled_from((
    '<circle id="a" cx="{}" cy="{}"/>', '<rect id="a" x="{}" y="1" width="{}" height="2"/>',
    '<polygon id="a" points="{},{} 3,3"/>', '<path id="a" d="M{} {} h1 c 1 2 3"/>',
    '<g transform="scale({},{})">', '<g transform="rotate({} {} 1)">', '<g transform="skewX({}) matrix(1 {} 1)">',
    '<g transform="skewY({})skewY({})">', "</g>", '<svg viewBox="0 0 {} {}">',
))  # fmt: skip


@given(st.lists(st.tuples(shapes, numbers, numbers), max_size=8))
def test_whatever_numbers_a_drawing_has_it_is_a_plan_or_told_faults(parts):
    inside = "".join(shape.format(one, other) for shape, one, other in parts)
    opened = inside.count("<g ") - inside.count("</g>")
    inside += "</g>" * max(0, opened) + "</svg>" * inside.count("<svg")
    with suppress(InvalidPlan):
        from_drawing(SVG.format(inside + '<circle id="b"/>').encode(), b"id;place\na;1\nb;2\n", "x")


def test_seats_go_from_left_to_right_as_they_are_drawn_and_a_gap_is_an_aisle():
    drawn = seats(("c", 50, 0), ("a", 0, 0), ("b", 25, 0), ("e", 175, 0), ("d", 150, 0))
    house = plan(drawn, "a;1", "b;3", "c;5", "d;2", "e;4")
    assert [seat.id for seat in house.seats()] == ["a", "b", "c", "d", "e"]
    assert index_of(house).walk.tolist() == [0, 1, 2, -1, 3, 4, -1]


def test_the_table_that_the_guide_shows_is_one():
    guide = (Path(__file__).parents[3] / "docs" / "plan-table.md").read_text(encoding="utf-8")
    table = guide.partition("```csv\n")[2].partition("```")[0]
    drawn = seats(("P-A-1", 0, 0), ("P-A-3", 25, 0), ("P-A-5", 50, 0))
    house = from_drawing(drawn.encode(), table.encode(), "x")
    assert (errors(house.plan), house.proposed) == ([], ())
    assert [seat.companion_of for seat in house.plan.seats()] == [None, None, "P-A-3"]


def sides(house):
    return {seat.id: (seat.left, seat.right) for seat in house.seats()}


FOUR = seats(("a", 0, 0), ("b", 25, 0), ("c", 50, 0), ("d", 75, 0))


def test_a_table_that_names_one_side_tells_the_other():
    told = plan(FOUR, "a;1;b", "b;2;", "c;3;d", "d;4;", head="id;place;droite")
    assert sides(told) == {"a": (None, "b"), "b": ("a", None), "c": (None, "d"), "d": ("c", None)}


def test_an_aisle_may_be_marked_where_the_drawing_shows_no_gap():
    marked = plan(FOUR, "a;1;", "b;2;-", "c;3;", "d;4;", head="id;place;droite")
    assert sides(marked) == {"a": (None, "b"), "b": ("a", None), "c": (None, "d"), "d": ("c", None)}


def test_what_was_made_up_is_said():
    """Somebody must look at it; what the table tells is not made up."""
    drawn = from_drawing(FOUR.encode(), b"id;place;quality\na;1;1\nb;2;\n", "x")
    assert [(each.reason, each.facts["seats"], each.severity) for each in drawn.proposed] == [
        ("NEIGHBOURS_PROPOSED", "2", "warning"), ("QUALITY_PROPOSED", "1", "warning"),
    ]  # fmt: skip
    told = from_drawing(FOUR.encode(), b"id;place;right;quality\na;1;b;1\nb;2;;2\n", "x")
    assert told.proposed == ()


def test_ids_may_be_written_as_the_program_shows_them():
    """Illustrator writes the layer 12 as _x31_2, and A 12 as A_x20_12."""
    house = plan(seats(("_x31_2", 0, 0), ("A_x20_12", 25, 0)), "12;1", "A 12;2")
    assert [seat.id for seat in house.seats()] == ["12", "A 12"]


def test_a_row_may_run_up_the_page():
    house = plan(seats(("a", 0, 100), ("b", 0, 75), ("c", 0, 50)), "c;3", "a;1", "b;2")
    assert [seat.id for seat in house.seats()] in (["a", "b", "c"], ["c", "b", "a"])


@pytest.mark.parametrize(
    ("shape", "x", "y"),
    [
        ('<rect id="s" x="10" y="20" width="4" height="6"/>', 12, 23),
        ('<ellipse id="s" cx="12" cy="23" rx="3" ry="1"/>', 12, 23),
        ('<path id="s" d="M10,20 h4 v6 h-4 z"/>', 12, 23),
        ('<path id="s" d="m10 20 c1 0 3 0 4 0 l0 6 -4 0z"/>', 12, 23),
        ('<use id="s" x="12" y="23" href="#seat"/>', 12, 23),
        ('<polygon id="s" points="10,20 14,20 14,26 10,26"/>', 12, 23),
        ('<g id="s"><circle cx="10" cy="20" r="1"/><circle cx="14" cy="26" r="1"/></g>', 12, 23),
        ('<g transform="translate(10,20) scale(2)"><circle id="s" cx="1" cy="1.5" r="1"/></g>', 12, 23),
        ('<g transform="rotate(90)"><circle id="s" cx="23" cy="-12" r="1"/></g>', 12, 23),
        ('<circle id="s" cx="0" cy="0" r="1" transform="matrix(1 0 0 1 12 23)"/>', 12, 23),
        ('<circle id="s" cx="2" cy="3" r="1" transform="rotate(180 7 13)"/>', 12, 23),
        ('<circle id="s" cx="12px" cy="23px" r="1"/>', 12, 23),
    ],
)
def test_the_middle_of_each_shape_is_found_through_its_transforms(shape, x, y):
    assert read_svg(SVG.format(shape).encode()).middles["s"] == pytest.approx((x, y))


@pytest.mark.parametrize(
    "table",
    [
        "﻿Identifiant;Zone;Rang;Place;Catégorie;Attributs\r\na;Orchestre;A;12;2;UFR, visibilité_réduite\r\n",
        "id,zone,row,seat,category,attributes\na,Orchestre,A,12,2,wheelchair reduced_view\n",
        "sep=,\r\nid,zone,rang,place,catégorie,attributs\r\na,Orchestre,A,12,2,PMR visibilité_réduite\r\n",
        "ID\tSECTION\tRANGÉE\tSIÈGE\tCATEGORIE\tATTRIBUTS\na\tOrchestre\tA\t12\t2\tfauteuil visibilite_reduite\n",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "utf-16"])
def test_tables_are_read_as_spreadsheets_write_them_in_french_and_in_english(table, encoding):
    content = table.encode() if encoding == "utf-8" else table.lstrip("﻿").encode(encoding)
    house = plan(seats(("a", 0, 0)), table=content)
    (seat,) = house.seats()
    assert (house.zones[0].name, house.zones[0].rows[0].label, seat.label, seat.category) == (
        "Orchestre",
        "A",
        "12",
        "2",
    )
    assert seat.traits == Trait.WHEELCHAIR | Trait.REDUCED_VIEW


def test_the_stage_is_what_people_look_at():
    drawn = SVG.format('<rect id="scene" x="0" y="500" width="10" height="2"/>').replace(
        "</svg>", '<circle id="a" cx="0" cy="400" r="1"/><circle id="b" cx="0" cy="350" r="1"/></svg>'
    )
    house = plan(drawn, "a;1", "b;2")
    near, far = sorted(house.seats(), key=lambda seat: seat.quality)
    assert (near.id, far.id) == ("a", "b")


@pytest.mark.parametrize(
    ("rows", "path", "words"),
    [
        (["a;1", "b;"], "line 3, seat", "missing"),
        (["a;1", ";2"], "line 3, id", "missing"),
        (["a;1", "a;2"], "line 3, id", "twice"),
        (["a;1", "z;2"], "line 3, id", "no element"),
        ([], "line 2", "no seat"),
    ],
)
def test_what_is_wrong_in_the_table_is_named_by_its_line(rows, path, words):
    found = problem(seats(("a", 0, 0), ("b", 25, 0)), *rows)
    assert found.path == path
    assert words in found.message


def test_columns_and_cells_that_cannot_be_understood_are_named():
    assert problem(seats(("a", 0, 0)), "a", head="id;prix").path == "line 1, seat"
    assert problem(seats(("a", 0, 0)), "a;1;good", head="id;place;qualité").path == "line 2, quality"
    assert problem(seats(("a", 0, 0)), "a;1;sofa", head="id;place;attributs").path == "line 2, attributes"
    for quality in ("0", "²", "65536", "-1"):
        assert problem(seats(("a", 0, 0)), f"a;1;{quality}", head="id;place;quality").reason == "CELL_NOT_VALID"
    assert problem(seats(("a", 0, 0)), "a;" + "1" * 21).path == "line 2, seat"


def test_more_categories_than_a_plan_has_are_refused_at_their_line():
    drawn = seats(*((f"s{each}", each, 0) for each in range(60)))
    found = problem(drawn, *(f"s{each};{each};{each}" for each in range(60)), head="id;place;category")
    assert (found.path, found.reason) == ("line 52, category", "TOO_MANY_CATEGORIES")


def test_two_elements_with_one_id_are_refused():
    twice = SVG.format('<circle id="a" cx="0" cy="0" r="1"/><circle id="a" cx="9" cy="0" r="1"/>')
    assert "several elements" in problem(twice, "a;1").message


BOMB = '<!DOCTYPE svg [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]><svg id="&b;"/>'
OUTSIDE = '<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]><svg><text id="a">&x;</text></svg>'


STRANGE = '<?xml version="1.0" encoding="ebcdic-fr"?><svg/>'


@pytest.mark.parametrize(
    "svg", [BOMB, OUTSIDE, "<html/>", "<svg", "not at all", "", STRANGE, f'<svg transform="{"scale(1)" * 300}"/>']
)
def test_what_is_no_plain_svg_is_refused(svg):
    assert problem(svg, "a;1").reason in ("DRAWING_TOO_LARGE", "DRAWING_UNREADABLE", "DRAWING_HAS_ENTITIES")


def test_more_seats_than_the_drawing_has_are_refused_after_fifty():
    table = b"id;place\n" + b"".join(b"%d;1\n" % i for i in range(200_000))
    assert problem(seats(("a", 0, 0)), table=table).path.startswith("line")


def test_many_faults_are_told_at_once_but_not_without_end():
    table = io.StringIO()
    csv.writer(table, delimiter=";").writerows([["id", "place"], *([f"x{i}", "1"] for i in range(500))])
    with pytest.raises(InvalidPlan) as refused:
        from_drawing(seats(("a", 0, 0)).encode(), table.getvalue().encode(), "x")
    assert len(refused.value.problems) == 50
