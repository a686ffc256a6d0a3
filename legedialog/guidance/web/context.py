"""What every page of a citizen's has of the help: the way to the topic of what she does there."""

from typing import Any

from django.http import HttpRequest

from legedialog.access.actor import ANONYMOUS
from legedialog.guidance import topics


def help_here(request: HttpRequest) -> dict[str, Any]:
    """Context processor, for citizens."""
    match = request.resolver_match
    if match is None or not getattr(request, "actor", ANONYMOUS).is_citizen:
        return {}
    return {"help_here": topics.asked_at(match.view_name)}
