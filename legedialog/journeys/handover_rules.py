"""What becomes of what a doctor leaves. No database."""

from datetime import timedelta

from django.db.models import TextChoices

KEPT = timedelta(days=90)


class Way(TextChoices):
    """What becomes of one of those a doctor leaves when she is away or has left."""

    SUBSTITUTE = "substitute"  # the same time with the substitute; a message is given to her
    OFFER = "offer"  # cancelled, and the patient is asked to choose among the free times
    CANCEL = "cancel"  # cancelled with a message
    OFFICE = "office"  # a message goes back to the office's common list
    LEAVE = "leave"  # nothing is done with it


class Outcome(TextChoices):
    """How it went. Empty while it waits for its turn."""

    DONE = "done"
    CHANGED = "changed"  # somebody came first: the patient, or a colleague
    NOT_FREE = "not-free"  # the substitute's time was taken
    STOPPED = "stopped"  # somebody at the office stopped the rest
    FAULT = "fault"  # our own
