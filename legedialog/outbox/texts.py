"""What the office reads about notices that did not reach the patient: what happened, and what to do."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from legedialog.core import contexts
from legedialog.outbox.rules import Reason


def title(event: str) -> str | Promise:
    """How the context that sends it names it in lists."""
    return contexts.notices()[event].title


CALL = _("Ring pasienten.")
CALL_AND_ASK = _("Ring pasienten, og be henne eller ham rette kontaktopplysningene i profilen sin.")
TRY_AGAIN = _("Prøv igjen, eller ring pasienten hvis det haster.")
TELL_OPERATOR = _("Ring pasienten hvis det haster, og si fra til dem som drifter løsningen.")

REASONS: dict[str, tuple[str | Promise, str | Promise]] = {
    Reason.CANCELLED: (_("Timen er avbestilt."), ""),
    Reason.OVER: (_("Beskjeden rakk ikke fram før timen."), CALL),
    Reason.CHANGED: (_("Det er sendt en nyere beskjed."), ""),
    Reason.DECEASED: (_("Pasienten er registrert som død."), ""),
    Reason.NO_CONSENT: (_("Pasienten har ikke gitt full tilgang og får ikke beskjeder herfra."), CALL),
    Reason.NOT_ALLOWED: (_("Pasienten er under 16 år, og vi kan ikke gi beskjed til noen for barnet."), CALL),
    Reason.NO_LOGIN: (_("Pasienten er bare registrert hos dere og kan ikke logge inn."), CALL),
    Reason.RESERVED: (_("Pasienten har reservert seg mot digitale beskjeder."), CALL),
    Reason.TURNED_OFF: (_("Pasienten har slått av beskjeder."), CALL),
    Reason.NO_CONTACT: (_("Vi har verken mobilnummer eller e-postadresse til pasienten."), CALL_AND_ASK),
    Reason.OLD_CONTACT: (_("Pasienten har ikke bekreftet kontaktopplysningene på 18 måneder."), CALL_AND_ASK),
    Reason.BAD_NUMBER: (_("Mobilnummeret virker ikke."), CALL_AND_ASK),
    Reason.BAD_ADDRESS: (_("E-postadressen virker ikke."), CALL_AND_ASK),
    Reason.REFUSED: (_("Meldingstjenesten tok ikke imot beskjeden."), TELL_OPERATOR),
    Reason.NO_ANSWER: (_("Meldingstjenesten svarte ikke på mange forsøk."), TRY_AGAIN),
    Reason.NOT_SET_UP: (_("Utsending av beskjeder er ikke satt opp."), TELL_OPERATOR),
    Reason.PERHAPS: (
        _("E-posten er kanskje sendt. E-postserveren tok imot den, men svarte ikke."),
        _("Ring pasienten hvis det haster. Sender du på nytt, kan hun eller han få beskjeden to ganger."),
    ),
    Reason.NOT_DELIVERED: (_("SMS-en ble sendt, men kom ikke fram til telefonen."), CALL_AND_ASK),
    Reason.BOUNCED: (_("E-posten ble sendt, men kom i retur."), CALL_AND_ASK),
    Reason.OWN_FAULT: (_("Noe gikk galt hos oss."), TELL_OPERATOR),
}


def state(reason: str) -> tuple[str | Promise, str]:
    """How far it came, and the colour of that: "sent" is not "delivered"."""
    if reason == Reason.PERHAPS:
        return _("Kanskje sendt"), "warning"
    if reason in (Reason.NOT_DELIVERED, Reason.BOUNCED):
        return _("Sendt, ikke levert"), "warning"
    return _("Ikke sendt"), "danger"
