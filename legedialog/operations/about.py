"""What this context says about itself to the rest. See core/contexts."""

from legedialog.core.contexts import About, Gauge, RowOf
from legedialog.operations import health
from legedialog.operations.measures import MEASURES

ABOUT = About(
    relations={
        "django_migrations": "Which migrations have run; the web role only reads it.",
        "procrastinate_jobs": "Jobs hold ids and codes, never content; the worker takes all of them.",
        "procrastinate_events": "When a job began and ended.",
        "procrastinate_periodic_defers": "When a schedule last ran.",
        "procrastinate_workers": "When a worker last reported.",
    },
    parameters={"office_id": RowOf("practices.Practice")},
    measures=MEASURES,
    gauges=(
        Gauge(
            *("jobs", "Jobs by state.", ("status",)),
            read=lambda now: [((status,), number) for status, number in health.jobs().items()],
        ),
    ),
)
