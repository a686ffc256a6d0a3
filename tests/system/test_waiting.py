"""What the clock decides: an earlier time that becomes free, and the day of a visit. acts.py does not wait for it."""

from playwright.sync_api import Page, expect

from tests.system.conftest import Act, Open, check_accessible, log_in, log_in_staff

OFFER = "Du kan få en tidligere time"


def test_a_freed_time_is_offered_refused_and_the_next_one_taken(open_page: Open, act: Act) -> None:
    hers, first, second = act("waiting", "Tor Testli").split()
    tor = open_page()
    log_in(tor, "Tor Testli")
    tor.goto(f"/timeavtaler/{hers}/")
    when_he_waits_for_a_thursday_afternoon(tor)

    act("give_back", first)
    tor.goto("/hjem/")
    tor.get_by_role("link", name=OFFER).click()
    expect(tor.get_by_role("heading", name=OFFER)).to_be_visible()
    check_accessible(tor)
    tor.get_by_role("button", name="Nei takk, behold timen").click()
    expect(tor.get_by_role("status").filter(has_text="Du har takket nei")).to_be_visible()

    act("give_back", second)
    tor.goto(f"/timeavtaler/{hers}/")
    tor.get_by_role("button", name="Ta den tidligere timen").click()
    expect(tor.get_by_role("status").filter(has_text="Timen er flyttet til torsdag")).to_be_visible()
    expect(tor.get_by_role("heading", name=OFFER)).to_have_count(0)


def when_he_waits_for_a_thursday_afternoon(page: Page) -> None:
    page.get_by_role("link", name="Sett deg på venteliste").click()
    page.get_by_role("checkbox", name="Torsdag ettermiddag").check()
    page.get_by_role("radio", name="2 timer før").check()
    expect(page.get_by_role("radio", name="2 timer før")).to_be_checked()
    check_accessible(page)
    page.get_by_role("button", name="Sett meg på venteliste").click()
    expect(page.get_by_role("status").filter(has_text="Du står på venteliste.")).to_be_visible()


def test_the_doctor_is_late_and_she_says_that_she_has_come(open_page: Open, act: Act) -> None:
    visit = act("visit_soon", "Ida Testhaug")
    ida, mona = open_page(), open_page(script=False)
    log_in_staff(mona, "Mona Haug")
    mona.goto("/kontor/kalender/forsinkelser/")
    ingrid = mona.get_by_role("form", name="Forsinkelse for Ingrid Aas")
    ingrid.get_by_role("button", name="20 min").click()
    expect(mona.get_by_text("Ingrid Aas ca. 20 min")).to_be_visible()

    log_in(ida, "Ida Testhaug")
    expect(ida.get_by_role("main")).to_contain_text("Ingrid Aas er ca. 20 minutter forsinket.")
    ida.get_by_role("link", name="Er du kommet? Si fra her").click()
    expect(ida.get_by_role("button", name="Jeg er kommet")).to_be_visible()
    check_accessible(ida)
    ida.get_by_role("button", name="Jeg er kommet").click()
    expect(ida.get_by_role("main")).to_contain_text("Legekontoret ser det.")
    mona.goto(f"/kontor/timer/{visit}/")
    expect(mona.get_by_role("main")).to_contain_text("Ankommet")

    ida.get_by_role("button", name="Jeg er ikke kommet likevel").click()
    expect(ida.get_by_role("button", name="Jeg er kommet")).to_be_visible()
    mona.goto("/kontor/kalender/forsinkelser/")
    ingrid.get_by_role("button", name="Ikke meldt").click()
    expect(mona.get_by_text("Forsinkelser i dag: ingen meldt")).to_be_visible()
