"""What this context says about itself to the rest. See core/contexts."""

from django.utils.translation import gettext_lazy as _

from legedialog.core.contexts import (
    HEALTH,
    LINK,
    RECORD,
    STATE,
    TRACE,
    About,
    Act,
    Kept,
    Notice,
    RowOf,
    Table,
    belongs_to,
    kept_stays,
    span,
)
from legedialog.journeys import absences, handing_over, handover_rules, notices, own_data
from legedialog.journeys.help import TOPICS
from legedialog.journeys.own_log import LOG
from legedialog.patients.representation import Area
from legedialog.patients.rules import NoticeKind

OPENS = "Snart åpner flere tjenester for deg. Logg inn på Legedialog for å se når."
CHANGES = "Snart endres det du kan gjøre for et barn. Logg inn på Legedialog for å se hva og når."

ABOUT = About(
    tables={
        "Export": Table(
            belongs_to("person"),
            "A copy of her own data that a citizen has asked for.",
            Kept(f"{span(own_data.LASTS)} after it was asked for", own_data.tidy),
            {LINK: "id person", STATE: "step", TRACE: "asked_at failed_at ready_at ends_at", HEALTH: "pdf fhir"},
            not_hers={"pdf": "the file itself", "fhir": "the file itself"},
            is_removed=True,
        ),
        "RegisterChange": Table(
            belongs_to("practice"),
            "Tells an office that a patient is registered dead, that it was a mistake, that two records became one, or"
            " that its own patient is the register's person.",
            RECORD,
            {LINK: "id practice person", STATE: "kind lines", TRACE: "at seen_at seen_by"},
            {"lines": "codes and ids of what was closed, never content"},
            is_removed=True,
        ),
        "Handover": Table(
            belongs_to("practice"),
            "How far the office has come in giving away what a doctor leaves who is away or has left.",
            Kept(f"{span(handover_rules.KEPT)} after it has ended", handing_over.tidy),
            {
                LINK: "id practice clinician substitute by_employee login_id",
                HEALTH: "text",
                STATE: "total done",
                TRACE: "started_at ended_at",
            },
            {"text": "to all whose time is cancelled by it; what each got stands with her appointment"},
            not_hers={"text": "stands with her appointment, as she reads it"},
            is_removed=True,
        ),
        "HandoverItem": Table(
            belongs_to("practice"),
            "What is to become of one appointment or dialogue, and what did.",
            Kept(f"{span(handover_rules.KEPT)} after it has ended", handing_over.tidy),
            {
                LINK: "id handover practice appointment dialogue",
                STATE: "place way mark outcome",
                TRACE: "done_at",
            },
            is_removed=True,
        ),
    },
    forget=lambda actor, person_id, now: own_data.forget(actor=actor),
    parameters={
        "change_id": RowOf("journeys.RegisterChange", practice="practice"),
        "handover_id": RowOf("journeys.Handover", practice="practice"),
        "leaver_id": RowOf(
            "practices.Employee",
            practice="practice",
            states=(("ends_date__isnull", False), ("clinician__isnull", False)),
        ),
    },
    ids={"journeys.Handover.login_id": "a login"},
    merges={
        "journeys.Export": kept_stays,
        "journeys.RegisterChange": kept_stays,
    },
    acts={
        "absence.report": Act(
            absences.report, _("Fravær registreres straks"), _("Fraværet registreres om %(seconds)d sekunder.")
        ),
        "absence.end": Act(absences.end, _("Avsluttes straks"), _("Fraværet avsluttes om %(seconds)d sekunder.")),
        "handover.begin": Act(
            handing_over.begin,
            _("Fordeles straks"),
            _("Timene fordeles, og pasientene får beskjed, om %(seconds)d sekunder."),
        ),
    },
    notices={
        "concern.answered": Notice(
            _("Beskjed om svar på spørsmål om loggen"),
            notices.concern_answered,
            area=Area.GP,
            kind=NoticeKind.MESSAGE,
            says="Legekontoret har svart på et spørsmål fra deg. Logg inn på Legedialog og åpne loggen i Profil.",
        ),
        "correction.answered": Notice(
            _("Beskjed om svar på ønske om retting eller sletting"),
            notices.correction_answered,
            notices.ASKED,
            area=Area.GP,
            kind=NoticeKind.MESSAGE,
            says={
                "": "Du har fått svar på ønsket ditt om retting eller sletting. Logg inn på Legedialog for å lese det.",
                "to her who asked for another": "Et ønske om retting eller sletting som du sendte for en annen, er "
                "besvart. Logg inn på Legedialog.",
            },
        ),
        "journal.moved": Notice(
            _("Beskjed om at noe er flyttet ut av eller inn i journalen"),
            notices.journal_moved,
            area=Area.GP,
            kind=NoticeKind.MESSAGE,
            says="Legekontoret har rettet noe i journalen din. Logg inn på Legedialog og se loggen under Profil.",
        ),
        "walk-in.joined": Notice(
            _("Beskjed om at et legekontor har registrert pasienten"),
            notices.walk_in_joined,
            area=Area.GP,
            kind=NoticeKind.MESSAGE,
            says="Et legekontor har registrert deg. Logg inn på Legedialog og se loggen under Profil.",
        ),
        "walk-in.parted": Notice(
            _("Beskjed om at et legekontor hadde registrert pasienten ved en feil"),
            notices.walk_in_parted,
            area=Area.GP,
            kind=NoticeKind.MESSAGE,
            says="Et legekontor hadde registrert deg ved en feil. Logg inn på Legedialog og se loggen under Profil.",
        ),
        "access.narrows": Notice(
            _("Beskjed om at et barn fyller 12 år"),
            notices.birthday,
            notices.CHILD,
            says={"30 days before 12": CHANGES, "the same, to the youth": OPENS},
        ),
        "access.ends": Notice(
            _("Beskjed om at et barn fyller 16 år"),
            notices.birthday,
            notices.CHILD,
            Area.GP,
            says={
                "30 days before 16": CHANGES,
                "the same, to the youth": OPENS,
            },
        ),
    },
    topics=TOPICS,
    own=(LOG,),
)
