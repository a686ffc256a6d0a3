from datetime import UTC, date, datetime

import pytest
from django.template import Context, Template
from django.utils import timezone, translation

AT = datetime(2026, 11, 24, 9, 20, tzinfo=UTC)


def draw(source: str, **context: object) -> str:
    with translation.override("nb"):
        return Template("{% load ui %}" + source).render(Context(context))


@pytest.mark.parametrize(
    ("source", "html"),
    [
        ("{% when at 'clock' %}", '<time datetime="2026-11-24T10:20+01:00">10.20</time>'),
        ("{% when at 'short' %}", '<time datetime="2026-11-24T10:20+01:00">24.11.2026</time>'),
        ("{% when day 'short' %}", '<time datetime="2018-05-17">17.05.2018</time>'),
        ("{% when none %}", ""),
        ("{{ none|long_date }}{{ none|clock }}", ""),
    ],
)
def test_when_is_for_people_and_machines(source: str, html: str) -> None:
    assert draw(source, at=AT, day=date(2018, 5, 17), none=None) == html


@pytest.mark.parametrize(
    ("number", "text", "href"),
    [
        ("55555555", "55 55 55 55", "+4755555555"),
        ("+47 55 55 55 55", "55 55 55 55", "+4755555555"),
        ("41234567", "412 34 567", "+4741234567"),
        ("116117", "116 117", "116117"),
        ("113", "113", "113"),
        ("+46 8 123 45 67", "+46 8 123 45 67", "+4681234567"),
    ],
)
def test_telephone_numbers_are_grouped_and_ring(number: str, text: str, href: str) -> None:
    html = draw("{% phone_link number %}", number=number)
    assert f">{text}</a>" in html
    assert f'href="tel:{href}"' in html


def test_an_unknown_icon_is_a_mistake_of_ours() -> None:
    assert "<path" in draw('{% icon "calendar" %}')
    with pytest.raises(KeyError):
        draw('{% icon "no-such" %}')


def test_an_icon_is_not_read_aloud() -> None:
    assert 'aria-hidden="true"' in draw('{% icon "home" %}')


def test_a_countdown_says_when_it_ends_without_script() -> None:
    html = draw(
        '{% include "ui/countdown.html" with running="{left}" fallback="til kl. 10.20" url="/x/" action="Nytt" %}',
        until=timezone.now(),
    )
    assert "til kl. 10.20" in html
    assert 'data-countdown="0"' in html
