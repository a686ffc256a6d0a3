"""docs/integrator.md is a contract: what the code answers stands there, and its example works."""

import json
import re
from pathlib import Path
from uuid import UUID

from django.conf import settings

from legedialog.api import profile, services
from legedialog.api.web import fhir

PAGE = (Path(settings.ROOT) / "docs" / "integrator.md").read_text(encoding="utf-8")


def test_every_code_is_listed() -> None:
    source = "".join(Path(str(module.__file__)).read_text(encoding="utf-8") for module in (profile, services, fhir))
    codes = set(re.findall(r'Issue\(\s*"([\w-]+)"', source)) | set(re.findall(r'key = "([\w-]+)"', source))
    codes |= set(re.findall(r'\(\d{3}, "([\w-]+)"', source)) | set(re.findall(r'"(hn-app-primary-\d)"', source))
    assert len(codes) > 60
    listed = set(re.findall(r"`([\w-]+)`", PAGE))
    assert codes <= listed


def test_the_example_is_taken() -> None:
    example = next(
        json.loads(block) for block in re.findall(r"```json\n(.*?)```", PAGE, re.S) if "Appointment" in block[:60]
    )
    told = profile.read(example, identifier=UUID(example["id"]), organisation_number="313000001", synthetic=True)
    assert (told.channel, told.place) == ("video", "Hudpoliklinikken, Fjordbyen sykehus")
