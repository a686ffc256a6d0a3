import pytest
from django.conf import settings
from django.test import Client


@pytest.mark.parametrize(
    ("back", "goes_to"),
    [
        ("/timeavtaler/?side=2", "/timeavtaler/?side=2"),
        ("https://evil.example/", "/"),
        ("//evil.example/", "/"),
        ("///evil.example/", "/"),
        ("/\\evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("", "/"),
    ],
)
@pytest.mark.parametrize("url", ["/ui/sprak/", "/ui/utseende/"])
def test_a_choice_goes_back_to_a_page_of_ours_only(client: Client, url: str, back: str, goes_to: str) -> None:
    response = client.post(url, {"next": back})
    assert (response.status_code, response["Location"]) == (302, goes_to)


@pytest.mark.parametrize("url", ["/ui/sprak/", "/ui/utseende/"])
def test_a_choice_is_posted(client: Client, url: str) -> None:
    assert client.get(url).status_code == 405


def test_the_chosen_language_wins_over_the_browsers(client: Client) -> None:
    client.post("/ui/sprak/", {"language": "nn", "next": "/ui/"})
    html = client.get("/ui/", headers={"Accept-Language": "en"}).content.decode()
    assert '<html lang="nn"' in html
    assert "Hopp til innhaldet" in html
    cookie = client.cookies[settings.LANGUAGE_COOKIE_NAME]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"


@pytest.mark.parametrize("language", ["de", "../nb", ""])
def test_an_unknown_language_changes_nothing(client: Client, language: str) -> None:
    client.post("/ui/sprak/", {"language": language})
    assert settings.LANGUAGE_COOKIE_NAME not in client.cookies


@pytest.mark.parametrize(("chosen", "drawn"), [("dark", "dark"), ("light", "light"), ("auto", "auto"), ("x", "auto")])
def test_the_colours_are_set_by_the_server(client: Client, chosen: str, drawn: str) -> None:
    client.post("/ui/utseende/", {"scheme": chosen})
    html = client.get("/ui/").content.decode()
    assert f'data-color-scheme="{drawn}"' in html
    assert f'value="{drawn}" aria-pressed="true"' in html


def test_a_forged_cookie_cannot_write_in_the_page(client: Client) -> None:
    client.cookies["scheme"] = '"><script>'
    assert 'data-color-scheme="auto"' in client.get("/ui/").content.decode()


@pytest.mark.parametrize("query", ["", "?side=office", "?acting=1", "?messages=1"])
@pytest.mark.parametrize(("language", "skip"), [("nb", "Hopp til innholdet"), ("en", "Skip to the content")])
def test_both_layouts_are_drawn_in_every_language(client: Client, query: str, language: str, skip: str) -> None:
    response = client.get(f"/ui/{query}", headers={"Accept-Language": language})
    html = response.content.decode()
    assert response.status_code == 200
    assert html.count("<h1") == 1
    assert skip in html
    assert "Kari Testdal" in html
    assert ("Ola Testdal" in html) is ("acting" in query)
    assert ('href="tel:113"' in html) is ("office" not in query)
    assert "<style" not in html
    assert " style=" not in html
    assert "onclick" not in html


def test_the_gallery_is_not_in_production(client: Client, settings: pytest.FixtureRequest) -> None:
    settings.TEST = settings.DEMO = False  # type: ignore[attr-defined]
    assert client.get("/ui/").status_code == 404


def test_the_gallerys_form_answers_with_its_part(client: Client) -> None:
    response = client.post("/ui/", {}, headers={"HX-Request": "true"})
    assert response.status_code == 422
    assert response.content.strip().startswith(b"<form")
    assert b"ds-error-summary" in response.content
