"""What this context says about itself to the rest. See core/contexts."""

from legedialog.api import rules, services, story
from legedialog.core.contexts import LINK, LOGIN, STATE, TRACE, About, Chapter, Kept, Table, Word, belongs_to, span

ABOUT = About(
    tables={
        "ApiClient": Table(
            belongs_to(),
            "A system that may use the API.",
            Kept("Until the operator removes it by the command line"),
            {
                LINK: "id source",
                LOGIN: "name jwks scopes is_active",
                STATE: "minute_at minute_count",
                TRACE: "created_at",
            },
            fixed="name jwks scopes created_at",
        ),
        "AccessToken": Table(
            belongs_to(),
            "Proves that a system has logged in.",
            Kept(f"{span(rules.TOKEN_LASTS)}, and until the next hour", services.tidy),
            {LINK: "id client", LOGIN: "token_hash scopes expires_at"},
            is_append_only=True,
            is_removed=True,
        ),
        "UsedAssertion": Table(
            belongs_to(),
            "Stops a system's login from being used twice.",
            Kept("Until it is too old to be used again", services.tidy),
            {LINK: "id client", LOGIN: "jti expires_at"},
            is_append_only=True,
            is_removed=True,
        ),
    },
    for_everybody={
        "api:metadata": "what the API can",
        "api:token": "a system logs in, with a signed assertion",
    },
    for_systems={
        "api:appointment": "api/web/fhir.py: guarded",
        "api:appointments": "api/web/fhir.py: guarded",
        "api:nothing": "api/web/fhir.py: guarded",
    },
    parameters={
        "identifier": Word("urn-1"),
        "rest": Word("Patient"),
    },
    story=(Chapter(150, story.play),),
    settle_copy=services.end_tokens,
)
