"""The office's own words, shorter than the citizen's."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

# State of an appointment: the word, the tag's colour.
STATUSES: dict[str, tuple[str | Promise, str]] = {
    "booked": (_("Booket"), "info"),
    "arrived": (_("Ankommet"), "success"),
    "completed": (_("Fullført"), "neutral"),
    "no-show": (_("Ikke møtt"), "danger"),
    "cancelled": (pgettext_lazy("status for en time", "Avbestilt"), "neutral"),
}
# From a state to another: what the button says, and what is said when it is done.
MOVES: dict[tuple[str, str], tuple[str | Promise, str | Promise]] = {
    ("booked", "arrived"): (_("Ankommet"), _("Pasienten er registrert som ankommet.")),
    ("booked", "completed"): (_("Fullført"), _("Timen er registrert som fullført.")),
    ("booked", "no-show"): (_("Ikke møtt"), _("Pasienten er registrert som ikke møtt.")),
    ("arrived", "completed"): (_("Fullført"), _("Timen er registrert som fullført.")),
    ("arrived", "booked"): (_("Angre ankommet"), _("Pasienten er ikke lenger registrert som ankommet.")),
    ("completed", "arrived"): (_("Angre fullført"), _("Timen er ikke lenger registrert som fullført.")),
    ("no-show", "booked"): (_("Angre ikke møtt"), _("Pasienten er ikke lenger registrert som ikke møtt.")),
}
CANCELLED_BY: dict[str, str | Promise] = {
    "AAI": _("Avbestilt av pasienten"),
    "APVAI": _("Avbestilt av en som handler for pasienten"),
    "AAT": _("Avlyst av legekontoret"),
}
CELLS: dict[str, str | Promise] = {
    "free": pgettext_lazy("tid i kalenderen", "ledig"),
    "past": pgettext_lazy("tid i kalenderen", "ikke brukt"),
    "held": pgettext_lazy("tid i kalenderen", "holdes av"),
    "booked": pgettext_lazy("tid i kalenderen", "booket"),
    "blocked": pgettext_lazy("tid i kalenderen", "sperret"),
    "absent": pgettext_lazy("tid i kalenderen", "fravær"),
    "closed": pgettext_lazy("tid i kalenderen", "stengt"),
    "outside": pgettext_lazy("tid i kalenderen", "utenfor ukeplanen"),
}
OFFERED = pgettext_lazy("tid i kalenderen", "tilbudt fra ventelisten")
ROLES: dict[str, str | Promise] = {
    "doctor": _("Lege"),
    "substitute": _("Vikarlege"),
    "secretary": _("Helsesekretær"),
    "manager": _("Daglig leder"),
}
CHANNELS: dict[str, str | Promise] = {"attendance": _("Oppmøte"), "phone": _("Telefon"), "video": _("Video")}
CHANNEL_ICONS = {"attendance": "place", "phone": "phone", "video": "video"}
KINDS: dict[str, str | Promise] = {
    "ordinary": _("Ordinær time"),
    "urgent": _("Øyeblikkelig hjelp"),
    "video": _("Videokonsultasjon"),
    "time-window": _("Tidsvindu"),
    "group": _("Gruppetime"),
    "vaccine": _("Vaksine"),
    "lab": _("Laboratorium"),
}
COLUMNS: dict[str, str | Promise] = {
    "nurse": _("Sykepleier"),
    "laboratory": _("Laboratorium"),
    "vaccine": _("Vaksine"),
    "intern": _("LIS1"),
    "room": _("Rom"),
}
WEEKDAYS: tuple[str | Promise, ...] = (
    _("Mandag"), _("Tirsdag"), _("Onsdag"), _("Torsdag"), _("Fredag"), _("Lørdag"), _("Søndag"),
)  # fmt: skip

ORDER = ("arrived", "completed", "no-show", "booked")  # of the buttons

# What a register has changed for a patient: the title, and what it means for the office.
CHANGES: dict[str, tuple[str | Promise, str | Promise]] = {
    "death": (
        _("Pasienten er registrert død"),
        _(
            "Folkeregisteret har meldt dødsfallet. Det som var åpent her, er avsluttet, og timene er ledige for andre. "
            "Ingen er varslet av Legedialog: verken pasientens pårørende eller andre."
        ),
    ),
    "no-death": (
        _("Dødsfallet var en feil"),
        _(
            "Folkeregisteret har rettet seg: pasienten lever. Pasienten kan logge inn igjen. Det som ble avsluttet, "
            "åpnes ikke av seg selv. Gå gjennom listen, og ta kontakt med pasienten."
        ),
    ),
    "number": (
        _("To pasienter var den samme"),
        _(
            "Pasienten har fått nytt fødselsnummer, og var registrert to ganger. Nå er det én pasient med én journal. "
            "Se over journalen og de kommende timene."
        ),
    ),
    "apart": (
        _("To pasienter var ikke den samme likevel"),
        _(
            "To pasienter var slått sammen ved en feil, og er to igjen. Det som er skrevet i mellomtiden, står hos den "
            "ene. Gå gjennom begge journalene, og flytt det som står feil."
        ),
    ),
    "joined": (
        _("Pasienten dere registrerte, står i Folkeregisteret"),
        _(
            "Folkeregisteret har svart på nummeret, og fødselsdato og navn stemmer. Det dere har skrevet, står nå hos "
            "denne personen, som får beskjed. Stemmer det ikke, kan dere skille dem på pasientens side i 30 dager."
        ),
    ),
}
CLOSED: dict[str, str | Promise] = {
    "appointment": pgettext_lazy("avsluttet da pasienten døde", "Time"),
    "request": pgettext_lazy("avsluttet da pasienten døde", "Timeønske"),
    "dialogue": pgettext_lazy("avsluttet da pasienten døde", "Dialog"),
    "renewal": pgettext_lazy("avsluttet da pasienten døde", "Fornyelse av resept"),
}
TABS: dict[str, str | Promise] = {
    "mine": pgettext_lazy("fane i innboksen", "Mine"),
    "kontorets": pgettext_lazy("fane i innboksen", "Kontorets"),
    "frist": pgettext_lazy("fane i innboksen", "Forfaller snart"),
    "lukket": pgettext_lazy("fane i innboksen", "Lukket"),
}
# How near its date: a mark that is not a colour, and the tag's colour. The words are made of the date.
URGENCIES: dict[str, tuple[str, str]] = {
    "late": ("warning", "danger"),
    "today": ("bell", "warning"),
    "soon": ("clock", "warning"),
    "later": ("", "info"),
    "": ("", "neutral"),
}


def bulk(role: str | None) -> list[tuple[str, str | Promise]]:
    """What may be done with several at once: the button's value and words. The manager gives out and closes nothing."""
    assign: list[tuple[str, str | Promise]] = [("assign", _("Tildel"))]
    return assign if role == "manager" else [*assign, ("close", _("Lukk"))]
