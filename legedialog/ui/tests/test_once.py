import pytest
from django.template import Context, Template
from django.utils import translation

from legedialog.ui.templatetags.once import Once


def draw(template: Template, language: str, **context: object) -> str:
    with translation.override(language):
        return template.render(Context(context))


@pytest.mark.parametrize(
    "source",
    [
        "{% translate 'Avbryt' %}",
        "{% blocktranslate %}Logg ut{% endblocktranslate %}",
        "{% url 'portal:home' %}",
        "{% url 'guidance:topic' 'priser' %}",
        "{% static 'ui/icon.svg' %}",
    ],
)
def test_what_says_the_same_each_time_is_drawn_once(source: str) -> None:
    (node,) = Template(source).nodelist

    assert isinstance(node, Once)


@pytest.mark.parametrize(
    "source",
    [
        "{% translate word %}",
        "{% translate 'Avbryt'|lower %}",
        "{% translate 'Avbryt' as word %}",
        "{% blocktranslate %}Hei {{ name }}{% endblocktranslate %}",
        "{% blocktranslate count n=number %}én{% plural %}flere{% endblocktranslate %}",
        "{% url name %}",
        "{% url 'guidance:topic' name %}",
        "{% url 'portal:home' as here %}",
        "{% static name %}",
    ],
)
def test_what_comes_from_the_page_is_drawn_each_time(source: str) -> None:
    (node,) = Template(source).nodelist

    assert not isinstance(node, Once)


def test_a_word_that_was_drawn_in_one_language_is_not_shown_in_another() -> None:
    word = Template("{% translate 'Avbryt' %}, {% blocktranslate %}Logg ut{% endblocktranslate %}")

    drawn = [draw(word, language) for language in ("nb", "en", "nb", "nn")]

    assert drawn == ["Avbryt, Logg ut", "Cancel, Log out", "Avbryt, Logg ut", "Avbryt, Logg ut"]


def test_what_is_named_for_later_is_still_named() -> None:
    named = Template("{% url 'portal:home' as here %}{% translate 'Avbryt' as word %}{{ word }} {{ here }}")

    assert draw(named, "nb") == draw(named, "nb") == "Avbryt /hjem/"
