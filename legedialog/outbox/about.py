"""What this context says about itself to the rest. See core/contexts."""

from legedialog.core.contexts import (
    A_PERSON,
    CODE,
    HEALTH,
    LINK,
    STATE,
    TRACE,
    About,
    Gauge,
    Kept,
    Letters,
    Measure,
    RowOf,
    Table,
    belongs_to,
    kept_stays,
    public,
    span,
)
from legedialog.outbox import queries, rules, services
from legedialog.outbox.own import NOTICES

ABOUT = About(
    tables={
        "Notification": Table(
            belongs_to("recipient", "practice"),
            "Tells a person that something happened, once, and the office when it did not reach her; and an employee"
            " who is away that work waits.",
            Kept(f"{span(rules.KEPT)} after it was sent or left", services.tidy),
            {
                LINK: "id object_id sequence recipient employee practice",
                HEALTH: "event text",
                STATE: "due_at status attempts channel refused reason claim claimed_until begun_at",
                TRACE: "created_at status_at delivered_at",
            },
            {"text": "what was sent; never why, where or with whom"},
            plain={CODE: "event"},
            is_removed=True,
            stays={"*": "what was sent goes; what the office must tell her in another way stays with it"},
        ),
        "Gate": Table(
            public(),
            "Keeps a restored copy from sending what the original sends.",
            Kept("Until `legedialog outbox open`"),
            {STATE: "id", TRACE: "closed_at"},
            fixed="id closed_at",
            is_removed=True,
        ),
    },
    for_everybody={
        "outbox:demo": "the demo's notices, off in production",
    },
    parameters={
        "notification_id": RowOf("outbox.Notification", practice="practice"),
    },
    forget=lambda actor, person_id, now: services.forget(actor=actor, person_id=person_id),
    ids={
        "outbox.Notification.object_id": A_PERSON,
        "outbox.Notification.claim": "a worker's",
    },
    merges={
        "outbox.Notification": kept_stays,
    },
    own=(NOTICES,),
    measures=(
        Measure(
            *("oldest_due_notice_seconds", "How long the oldest notice that is due has waited.", 900),
            "Look whether the e-mail server and the SMS gateway answer; the worker's log names them.",
            sql="""SELECT coalesce(extract(epoch FROM max(now() - due_at)), 0)
      FROM outbox_notification WHERE status = 'waiting' AND due_at <= now()""",
        ),
        Measure(
            *("dead_notices", "Notices given up in the last day.", 0),
            "The offices see them in Varsler; many at once mean that a gateway refuses.",
            sql="""SELECT count(*) FROM outbox_notification
 WHERE status = 'dead' AND employee_id IS NULL AND status_at > now() - interval '1 day'""",
        ),
    ),
    gauges=(Gauge("notices", "Notices not sent.", ("event", "status"), lambda now: queries.counts().items()),),
    letters=Letters(told=queries.sent_to),
)
