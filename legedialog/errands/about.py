"""What this context says about itself to the rest. See core/contexts."""

from django.utils.translation import gettext_lazy as _

from legedialog.core.contexts import (
    HEALTH,
    LINK,
    STATE,
    TRACE,
    About,
    Chapter,
    Kept,
    RowOf,
    Table,
    belongs_to,
    span,
)
from legedialog.errands import rules, services, story

ABOUT = About(
    tables={
        "Errand": Table(
            belongs_to("practice"),
            "What one at an office asks of a colleague or of a role, until a date: about a patient, or about nobody.",
            Kept(
                f"As the patient's record when it is about her; about nobody, {span(rules.KEPT)} after it was done",
                services.tidy,
            ),
            {
                LINK: "id key practice patient source_id to_employee by_employee done_by",
                HEALTH: "text",
                STATE: "source due_date to_group",
                TRACE: "given_at done_at",
            },
            {
                "key": "from the form, so that sending twice adds one",
                "source": "the page that it was written from",
                "source_id": "a dialogue's or an appointment's",
                "to_group": "the role that does it, when nobody is named",
            },
            not_hers={"text": "between colleagues; she asks the office for it"},
            fixed="text source given_at",
            moves="to_employee done_by",
            is_removed=True,
        ),
    },
    parameters={
        "errand_id": RowOf("errands.Errand", practice="practice", states=(("patient", None), ("done_at", None))),
    },
    ids={"errands.Errand.key": "of the form", "errands.Errand.source_id": "a dialogue's or an appointment's"},
    log={
        "errand.given": _("Skrev en oppgave om deg til en kollega"),
        "errand.changed": _("Ga en oppgave om deg til en annen, eller endret datoen"),
        "errand.done": _("Sa at en oppgave om deg er gjort"),
        "errand.reopened": _("Åpnet en oppgave om deg igjen"),
        "errands.read": _("Leste oppgaver om deg"),
    },
    story=(Chapter(170, story.play),),
)
