"""A wish for a time, from the citizen to the office and back, each in her own language."""

import re

from playwright.sync_api import Page, expect

from tests.system.conftest import Open, check_accessible, log_in, log_in_staff
from tests.system.steps import heading, reload_until

WISH = "A cough for three weeks"


def test_a_request_is_answered_with_a_time_and_declined(open_page: Open) -> None:
    hassan, mona = open_page(), open_page()
    log_in(hassan, "Hassan Testrud")
    log_in_staff(mona, "Mona Haug")
    mona.goto("/kontor/onsker/")
    expect(mona.get_by_role("link", name="Hassan Testrud")).to_have_count(0)

    when_he_asks_for_a_time(hassan)
    hassan.get_by_role("navigation").get_by_role("link", name="Appointments", exact=True).click()
    expect(hassan.get_by_role("link", name="Sent, waiting for an answer")).to_be_visible()
    when_the_office_gives_him_one(mona)

    hassan.get_by_role("link", name="You have an appointment").click()  # it changed before his eyes
    expect(hassan.get_by_role("heading", name="The appointment you were given")).to_be_visible()
    check_accessible(hassan)
    hassan.get_by_role("button", name="Decline the appointment").click()
    expect(hassan.get_by_role("status").filter(has_text="You have declined the appointment.")).to_be_visible()
    expect(hassan.get_by_role("heading", name="The appointment you were given")).to_have_count(0)


def when_he_asks_for_a_time(page: Page) -> None:
    page.get_by_role("navigation").get_by_role("link", name="Appointments", exact=True).click()
    page.get_by_role("link", name="Ask for an appointment").click()
    page.get_by_role("button", name="Ask for an appointment").click()
    expect(page.get_by_label("What do you need an appointment for?")).to_have_attribute("aria-invalid", "true")
    check_accessible(page)
    page.get_by_label("What do you need an appointment for?").fill(WISH)
    page.get_by_label("Tuesday morning").check()
    page.get_by_role("button", name="Ask for an appointment").click()
    expect(heading(page, "Request for an appointment with Jonas Vik")).to_be_visible()


def when_the_office_gives_him_one(page: Page) -> None:
    page.get_by_role("link", name="Hassan Testrud").click()  # it came to the open list by itself
    expect(page.get_by_role("main")).to_contain_text(WISH)
    check_accessible(page)
    page.get_by_role("button", name="Gi time").last.click()
    expect(page.get_by_role("status").filter(has_text="Pasienten får timen og beskjed om")).to_be_visible()
    expect(page.get_by_role("link", name="Hassan Testrud")).to_have_count(0)


def test_a_request_is_answered_with_two_times_and_one_is_chosen(open_page: Open) -> None:
    hassan, mona = open_page(), open_page()
    log_in(hassan, "Hassan Testrud")
    log_in_staff(mona, "Mona Haug")
    mona.goto("/kontor/onsker/")

    when_he_asks_for_a_time(hassan)
    expect(hassan.get_by_role("main")).to_contain_text("You will get an answer by")
    when_the_office_names_two(mona)

    hassan.goto("/timeavtaler/")
    hassan.get_by_role("link", name="Choose among the times").click()
    named = hassan.get_by_role("button", name=re.compile("^Choose "))
    expect(named).to_have_count(2)
    check_accessible(hassan)
    when = (named.first.get_attribute("aria-label") or "").removeprefix("Choose ")
    named.first.click()
    expect(heading(hassan, "The appointment is booked")).to_be_visible()
    expect(hassan.get_by_role("main")).to_contain_text(when, ignore_case=True)
    hassan.goto(hassan.url.replace("bestilt/", "avbestill/"))  # given back
    hassan.get_by_role("button", name="Cancel the appointment").click()
    expect(hassan.get_by_role("status").filter(has_text="The appointment is cancelled.")).to_be_visible()


def when_the_office_names_two(page: Page) -> None:
    page.get_by_role("link", name="Hassan Testrud").click()
    page.get_by_text("La pasienten velge").click()
    times = page.get_by_role("group").filter(has=page.get_by_role("checkbox")).get_by_role("checkbox")
    for time in (times.first, times.last):
        time.click()
        expect(time).to_be_checked()  # also where its part was drawn anew in that moment
    check_accessible(page)
    page.get_by_role("button", name="Send tidene").click()
    expect(page.get_by_role("status").filter(has_text="Pasienten får tidene og beskjed om")).to_be_visible()
    waits = page.get_by_role("heading", name="Venter på at pasienten velger")
    reload_until(page, waits.is_visible)  # they could have been taken back until then
