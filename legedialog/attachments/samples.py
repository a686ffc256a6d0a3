"""Photos and documents of the demo, drawn here: of nobody, and the same each time."""

from datetime import datetime
from io import BytesIO
from uuid import UUID

import typst
from PIL import Image, ImageDraw

from legedialog.access.actor import Actor
from legedialog.attachments import services

MADE = 1_577_836_800  # the documents' date inside: 1 January 2020


def send_in(who: Actor, practice_id: UUID, patient_id: UUID, name: str, file: BytesIO, now: datetime) -> UUID:
    """As the file field does it. The file then waits until it is sent with something."""
    made = services.receive(actor=who, practice_id=practice_id, patient_id=patient_id, name=name, file=file, now=now)
    return made.pk


def photo() -> BytesIO:
    """Spots on a plain ground."""
    image = Image.new("RGB", (640, 480), (226, 188, 166))
    draw = ImageDraw.Draw(image)
    for number in range(24):
        x, y = 120 + number * 83 % 400, 90 + number * 61 % 300
        draw.ellipse((x, y, x + 14 + number % 5 * 4, y + 12 + number % 4 * 4), fill=(190, 96, 92))
    file = BytesIO()
    image.save(file, "JPEG")
    file.seek(0)
    return file


def letter(title: str, *lines: str) -> BytesIO:
    """One page."""
    words = "\n\n".join((f"= {title}", *lines))
    page = f'#set page(paper: "a4", margin: 25mm)\n#set text(lang: "nb")\n{words}'
    return BytesIO(typst.compile(page.encode(), format="pdf", ignore_system_fonts=True, timestamp=MADE))
