"""What this context says about itself to the rest. See core/contexts."""

from django.utils.translation import gettext_lazy as _

from legedialog.cautions import queries, story
from legedialog.cautions.help import TOPICS
from legedialog.cautions.own import CAUTIONS
from legedialog.core.contexts import CODE, HEALTH, LINK, RECORD, TRACE, About, Chapter, RowOf, Table, Top, belongs_to

ABOUT = About(
    tables={
        "Caution": Table(
            belongs_to("patient", "practice", written_by=("practice",)),
            "What must be thought of before a patient is given something: allergies and other reactions.",
            RECORD,
            {
                LINK: "id key practice patient by_employee ended_by",
                HEALTH: "substance atc reaction severity certainty source reason restriction",
                TRACE: "added_at ended_at",
            },
            {
                "key": "from the form, so that sending twice adds one",
                "reason": "why it was ended",
                "restriction": "whether it is hidden from the parents or from the youth",
            },
            plain={CODE: "severity certainty source restriction"},
            not_hers={"restriction": "says from whom it is kept, and nothing of what it is"},
            fixed="substance atc reaction severity certainty source added_at",
            moves="ended_by",
        ),
    },
    parameters={"caution_id": RowOf("cautions.Caution", practice="practice", is_hers=True)},
    ids={"cautions.Caution.key": "of the form"},
    topics=TOPICS,
    own=(CAUTIONS,),
    top=(Top(10, "cautions.read", queries.asks_top, queries.top, "cautions/top.html"),),
    log={
        "caution.added": _("Skrev en advarsel om noe du reagerer på"),
        "caution.ended": _("Avsluttet en advarsel om noe du reagerer på"),
        "caution.hidden": _("Endret hvem som kan se en advarsel"),
        "cautions.read": _("Leste advarsler om noe du reagerer på"),
    },
    story=(Chapter(160, story.play),),
)
