"""Words for guests, identity, quality and the device test's parts and faults: what happened, then what to do."""

from typing import TYPE_CHECKING

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from collections.abc import Mapping

GUEST_KINDS: "Mapping[str, str | Promise]" = {"interpreter": _("Tolk"), "relative": _("Pårørende")}
IDENTITIES: "Mapping[str, str | Promise]" = {
    "photo-id": _("Viste legitimasjon"),
    "known": _("Kjent av legen"),
    "login": _("Innlogget på høyt nivå"),
}
QUALITIES: "Mapping[str, str | Promise]" = {
    "good": _("God forbindelse"),
    "poor": _("Dårlig forbindelse"),
    "lost": _("Forbindelsen er brutt"),
}
PARTS: "Mapping[str, str | Promise]" = {
    "camera": _("Kamera"),
    "microphone": _("Mikrofon"),
    "speaker": _("Høyttaler"),
    "network": _("Nett"),
    "relay": _("Reservevei gjennom nettet"),
}
RESULTS: "Mapping[str, tuple[str | Promise, str]]" = {
    "ok": (_("Virker"), "success"),
    "failed": (_("Virker ikke"), "warning"),
    "skipped": (_("Ikke testet"), "neutral"),
}
FAULTS: "Mapping[str, str | Promise]" = {
    "denied": _("Nettleseren fikk ikke lov. Trykk på merket ved adressen øverst, velg «Tillat», og prøv igjen."),
    "in-use": _("Et annet program bruker det. Lukk andre programmer og faner med video, og prøv igjen."),
    "none-found": _("Vi fant ingen. Koble til utstyret, eller bruk en telefon eller et nettbrett i stedet."),
    "insecure": _("Siden er ikke åpnet på en sikker adresse. Skriv adressen på nytt med https foran."),
    "unsupported": _("Nettleseren kan ikke dette. Bruk en ny utgave av Chrome, Edge, Firefox eller Safari."),
    "silent": _("Vi hører ingenting. Sjekk at mikrofonen ikke er slått av, og at riktig mikrofon er valgt."),
    "not-heard": _("Du hørte ikke tonen. Skru opp lyden, eller velg en annen høyttaler eller hodetelefoner."),
    "blocked": _(
        "Nettet ditt stopper video. Prøv et annet nett, for eksempel mobilnettet, eller spør den som drifter nettet."
    ),
    "no-udp": _("Nettet ditt slipper bare gjennom den trege veien. Det virker, men bildet kan bli hakkete."),
    "slow": _("Nettet er tregt nå. Sitt nær ruteren, eller slå av annet som bruker nettet."),
    "other": _("Det virket ikke. Last siden på nytt og prøv igjen."),
}


def faults() -> dict[str, str]:
    """In the active language, for the page's script."""
    return {code: str(text) for code, text in FAULTS.items()}
