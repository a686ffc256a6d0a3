"""What this context says about itself to the rest. See core/contexts."""

from legedialog.core.contexts import LINK, LOGIN, TRACE, About, Kept, Table, public

ABOUT = About(
    tables={
        "DataKey": Table(
            public(),  # sealed by the master key, and needed before anybody is known; the system makes them
            "Opens sealed text; each key is itself sealed by the master key.",
            Kept("As long as anything is sealed by it"),
            {LINK: "id scope", LOGIN: "purpose wrapped wrapped_by", TRACE: "created_at retired_at"},
            is_append_only=True,
        ),
    },
    ids={
        "core.DataKey.scope": "an office",
    },
)
