"""What this context says about itself to the rest. See core/contexts."""

from legedialog.consent import story
from legedialog.consent.help import TOPICS
from legedialog.consent.merging import settle
from legedialog.consent.own import CONSENTS
from legedialog.core.contexts import CHOICE, LINK, RECORD, TRACE, About, Chapter, Table, belongs_to

ABOUT = About(
    tables={
        "Consent": Table(
            belongs_to("person", follows="person", written_by=("person",)),
            "What a citizen has agreed to, from when to when: kept as proof, also after she has turned everything off.",
            RECORD,
            {LINK: "id person given_by", CHOICE: "level", TRACE: "starts_at ends_at"},
            fixed="level starts_at",
            is_removed=True,
        ),
    },
    for_everybody={
        "consent:now": "an open page asks whether it is old; tells of her own level only",
    },
    merges={
        "consent.Consent": settle,
    },
    topics=TOPICS,
    own=(CONSENTS,),
    story=(Chapter(10, story.play),),
)
