"""What this context says about itself to the rest. See core/contexts.py."""

from legedialog.core.contexts import HEALTH, LINK, STATE, TRACE, About, Kept, Table, belongs_to, span
from legedialog.journeys import own_data

ABOUT = About(
    tables={
        "Export": Table(
            belongs_to("person"),
            "A copy of her own data that a citizen has asked for.",
            Kept(f"{span(own_data.LASTS)} after it was asked for", own_data.tidy),
            {LINK: "id person", STATE: "step", TRACE: "asked_at failed_at ready_at ends_at", HEALTH: "pdf fhir"},
            not_hers={"pdf": "the file itself", "fhir": "the file itself"},
        ),
    },
    forget=lambda actor, person_id, now: own_data.forget(actor=actor),
)
