"""How she is greeted. No database."""

from datetime import datetime

from django.utils.translation import gettext as _

from legedialog.core.times import CLINIC


def greeting(now: datetime, name: str) -> str:
    hour = now.astimezone(CLINIC).hour
    if 5 <= hour < 10:
        return _("God morgen, %(name)s") % {"name": name}
    if hour >= 18:
        return _("God kveld, %(name)s") % {"name": name}
    return _("Hei, %(name)s") % {"name": name}
