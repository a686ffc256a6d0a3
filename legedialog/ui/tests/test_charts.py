import re
from itertools import pairwise

import pytest
from django.template.loader import render_to_string
from django.utils import translation

from legedialog.ui import charts
from legedialog.ui.charts import Series


def write(value: float | None) -> str:
    return "–" if value is None else f"{value:g}"


def drawn(*values: float | None) -> charts.Chart:
    places = [str(number) for number in range(len(values))]
    return charts.bars("c", "Mottatt", "Vi mottok 3.", "Uke", places, [Series("Mottatt", values)], write)


@pytest.mark.parametrize(
    ("highest", "top"), [(0, 4), (3, 4), (5, 8), (9, 12), (13, 20), (21, 40), (100, 120), (4001, 8000), (0.5, 4)]
)
def test_the_lines_stand_at_whole_numbers(highest: float, top: float) -> None:
    assert charts.nice_top(highest) == top


def test_a_bar_is_as_tall_as_its_number_and_nothing_is_drawn_for_none() -> None:
    made = drawn(2, 4, 0, None)
    assert [bar.height for bar in made.bars] == [87.0, 174.0]
    assert [bar.y + bar.height for bar in made.bars] == [made.base, made.base]
    assert [numbers for _place, numbers in made.table] == [["2"], ["4"], ["0"], ["–"]]


def test_the_table_may_be_more_exact_than_the_drawing() -> None:
    made = charts.bars("c", "", "", "Måned", ["mai"], [Series("Beløp", [0.04])], write, lambda value: f"{value:.2f} t")
    assert made.table == [("mai", ["0.04 t"])]


def test_every_bar_stands_inside_the_drawing_and_beside_the_next() -> None:
    many = [Series(name, [1.0] * 60) for name in ("a", "b", "c")]
    made = charts.bars("c", "", "", "", [str(number) for number in range(60)], many, write)
    ordered = sorted(made.bars, key=lambda bar: bar.x)
    assert all(left.x + left.width <= right.x + 0.1 for left, right in pairwise(ordered))
    assert ordered[0].x >= charts.LEFT
    assert ordered[-1].x + ordered[-1].width <= charts.WIDTH
    assert len(made.names) <= charts.MOST_NAMES


def test_the_page_holds_the_sentence_the_drawing_and_the_table_with_numbers_that_svg_can_read() -> None:
    with translation.override("nb"):
        html = render_to_string("ui/chart.html", {"chart": drawn(1, 3)})
    assert 'role="img"' in html
    assert "Vi mottok 3." in html
    assert '<th scope="row">1</th><td>3</td>' in html
    assert 'height="43.5"' in html  # a decimal comma would be no number
    assert "style=" not in html
    regions = re.findall('role="region" aria-labelledby="([^"]+)"', html)
    assert len(set(regions)) == len(regions) == 2


def test_without_numbers_there_is_the_sentence_and_the_table_only() -> None:
    html = render_to_string("ui/chart.html", {"chart": drawn(0, None)})
    assert "<svg" not in html
    assert "<table" in html
