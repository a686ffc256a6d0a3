"""Counter-entries that the year's ceiling made before they were marked. See docs/adr/0232-marked-afterwards.md."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

OVER_CEILING = "Egenandelstaket er nådd"  # the reason that stands on them, and on no other
AT_ONCE = 1000


def mark(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    lines = apps.get_model("fees", "Line").objects.using(editor.connection.alias)
    counters = lines.filter(corrects__isnull=False, is_counted=True, by_ceiling=False).order_by("pk")
    last = None
    while rows := list((counters.filter(pk__gt=last) if last else counters)[:AT_ONCE]):
        taken = [row.pk for row in rows if row.reason == OVER_CEILING]
        lines.filter(pk__in=taken).update(by_ceiling=True)
        last = rows[-1].pk


class Migration(migrations.Migration):
    dependencies = [("fees", "0010_own_price_promised"), ("core", "0002_wrapped_by")]

    operations = [migrations.RunPython(mark, migrations.RunPython.noop)]
