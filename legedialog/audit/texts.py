"""The log in plain words. A test fails for an action about a patient that has none."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

ACTIONS: dict[str, str | Promise] = {
    "appointment.arrived": _("Registrerte at du kom til timen"),
    "appointment.booked": _("Bestilte en time, eller satte den tilbake til bestilt"),
    "appointment.cancelled": _("Avbestilte en time"),
    "appointment.completed": _("Registrerte at timen var ferdig"),
    "appointment.hidden": _("Endret hvem som kan se en time"),
    "appointment.no-show": _("Registrerte at du ikke møtte til timen"),
    "appointment.reason": _("Leste hva en time gjelder"),
    "appointments.listed": _("Leste listen over timer og timeønsker"),
    "attachment.read": _("Åpnet et vedlegg"),
    "attachment.received": _("Lastet opp et vedlegg"),
    "attachment.removed": _("Fjernet et vedlegg før det ble sendt"),
    "attachment.sent": _("Sendte et vedlegg"),
    "attachment.stopped": _("Prøvde å laste opp en fil som viruskontrollen stoppet"),
    "concern.answered": _("Svarte på spørsmålet ditt om innsyn"),
    "concern.read": _("Leste spørsmålet ditt om innsyn"),
    "concern.sent": _("Spurte kontoret om en linje i loggen"),
    "consent.changed": _("Endret samtykket"),
    "consent.given": _("Ga samtykke"),
    "consent.withdrawn": _("Trakk samtykket tilbake"),
    "contact.confirmed": _("Bekreftet kontaktopplysningene"),
    "contact.updated": _("Endret kontaktopplysningene"),
    "contact.removed": _("Slettet kontaktopplysningene"),
    "external-appointment.changed": _("Endret en time ved et annet sted"),
    "external-appointment.created": _("La inn en time ved et annet sted"),
    "external-appointment.read": _("Leste en time som samme sted har lagt inn"),
    "language.chosen": _("Valgte språk"),
    "list.joined": _("Førte deg opp på en fastlegeliste"),
    "list.left": _("Tok deg av en fastlegeliste"),
    "lock.lifted": _("Opphevet akuttsperren"),
    "lock.set": _("Sperret all digital bruk"),
    "log.exported": _("Lastet ned denne loggen"),
    "log.read": _("Leste denne loggen"),
    "notification.dismissed": _("La bort en beskjed som ikke nådde deg"),
    "notification.retried": _("Sendte en beskjed til deg på nytt"),
    "notices.chosen": _("Valgte hvilke beskjeder som skal sendes, og hvordan"),
    "messages.listed": _("Leste meldingene"),
    "patient.appointments": _("Åpnet siden din og leste listen over timer"),
    "person.saved": _("Oppdaterte opplysninger fra Folkeregisteret"),
    "power.ended": _("Avsluttet en fullmakt"),
    "power.given": _("Ga en fullmakt"),
    "power.not-found": _("Prøvde å gi en fullmakt, men fant ikke mottakeren"),
    "purpose.stated": _("Oppga hvorfor opplysningene dine skulle åpnes"),
    "request.assigned": _("Ga deg en time etter timeønsket"),
    "request.declined": _("Takket nei til timen etter timeønsket"),
    "request.refused": _("Svarte på timeønsket uten å gi time"),
    "request.sent": _("Sendte et timeønske"),
    "request.wishes": _("Leste et timeønske"),
    "request.withdrawn": _("Trakk tilbake et timeønske"),
    "youth-access.ended": _("Avsluttet ungdomstilgangen"),
    "youth-access.given": _("Ga ungdomstilgang"),
}
UNKNOWN = {"read": _("Leste opplysninger om deg"), "change": _("Endret opplysninger om deg")}

PURPOSES: dict[str, str | Promise] = {
    "care": _("Gi helsehjelp"),
    "called": _("Pasienten har tatt kontakt"),
    "follow-up": _("Følge opp prøvesvar, henvisning eller behandling"),
    "administration": _("Regning, attest eller annen administrasjon"),
    "quality": _("Kvalitetssikring"),
    "other": _("Noe annet"),
    "own": _("Dine egne opplysninger"),
    "behalf": _("Handlet på dine vegne"),
    "operation": _("Drift og oppdatering"),
}
# Sources: domain.md section 9; the laws named in the texts.
GROUNDS: dict[str, str | Promise] = {
    "care": _("Nødvendig for helsehjelp (pasientjournalloven § 19)"),
    "management": _("Administrasjon og internkontroll (helsepersonelloven § 26)"),
    "own": _("Du har rett til å se og styre egne opplysninger (pasient- og brukerrettighetsloven § 5-1)"),
    "behalf": _("Foreldreansvar, vergemål eller fullmakt (pasient- og brukerrettighetsloven kapittel 3)"),
    "operation": _("Behandling av helseopplysninger for å gi helsehjelp (pasientjournalloven § 6)"),
}
ROLES: dict[str, str | Promise] = {
    "doctor": _("lege"),
    "substitute": _("vikarlege"),
    "secretary": _("helsesekretær"),
    "manager": _("leder av kontoret"),
}
