from datetime import date, datetime
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from legedialog.appointments.rules import NOTE_LENGTH, REASON_LENGTH
from legedialog.core.times import at_local
from legedialog.ui.forms import NumberField, Textarea
from legedialog.workspace.forms import CHANNEL_CHOICES, ChoicesForm, calendar_field, check_order, clock_field, day_field


class VisitForm(ChoicesForm):
    """What a visit is. Where it stands comes of a free time that is pressed, or is typed."""

    calendar = calendar_field()
    day = day_field(_("Dag"))
    clock = clock_field(_("Klokkeslett"))
    visit_type = forms.ChoiceField(label=_("Timetype"), error_messages={"required": _("Velg en timetype.")})
    channel = forms.ChoiceField(
        label=_("Hvordan"),
        choices=CHANNEL_CHOICES,
        widget=forms.RadioSelect,
        error_messages={"required": _("Velg oppmøte, telefon eller video.")},
    )
    reason = forms.CharField(
        label=_("Hva det gjelder"),
        required=False,
        max_length=REASON_LENGTH,
        widget=Textarea({"rows": 3}),
        help_text=_("Legen leser dette før timen."),
    )
    overbook_reason = forms.CharField(
        label=_("Grunn til å booke likevel"),
        required=False,
        max_length=200,
        help_text=_("Bare når tiden er opptatt eller utenfor ukeplanen. Skriv ikke noe om pasienten."),
    )

    @property
    def starts_at(self) -> datetime:
        return at_local(self.cleaned_data["day"], self.cleaned_data["clock"])


class BookForm(VisitForm):
    field_order = ("visit_type", "channel", "calendar", "reason", "day", "clock", "overbook_reason")
    day = day_field(_("Ledig fra dag"))


class ChangeForm(VisitForm):
    """All of a booked time that may be changed."""

    field_order = ("calendar", "day", "clock", "visit_type", "minutes", "channel", "reason", "overbook_reason")
    minutes = NumberField(label=_("Lengde i minutter"), min_value=5, max_value=240)


class CancelForm(forms.Form):
    note = forms.CharField(
        label=_("Beskjed til pasienten"),
        required=False,
        max_length=500,
        widget=Textarea({"rows": 3}),
        help_text=_("Pasienten leser den når hun eller han logger inn. Den sendes ikke på SMS eller e-post."),
    )


class LateCancelForm(CancelForm):
    """After the patient's own deadline: whether to ask for the fee is the office's to say."""

    fee = forms.ChoiceField(
        label=_("Fristen er ute. Skal pasienten betale gebyr?"), widget=forms.RadioSelect, required=False
    )

    def __init__(self, *args: Any, deadline: str, amount: str, **options: Any) -> None:
        super().__init__(*args, **options)
        field = self.fields["fee"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101
        yes = gettext("Ja, pasienten avbestiller for sent: gebyr på inntil %(amount)s") % {"amount": amount}
        unknown = gettext("Ja, pasienten avbestiller for sent. Ingen bekreftet tabell sier hva gebyret er.")
        field.choices = [("no", gettext("Nei")), ("yes", yes if amount else unknown)]
        field.help_text = gettext(
            "Pasienten kunne avbestille gratis til %(deadline)s. Gebyret kreves når dere har godkjent det i Betaling."
        ) % {"deadline": deadline}


class DayNoteForm(forms.Form):
    text = forms.CharField(
        label=_("Merknad"),
        required=False,
        max_length=NOTE_LENGTH,
        widget=Textarea({"rows": 3}),
        help_text=_("Står over dagen for alle på kontoret. Skriv ikke noe om pasienter. Tomt felt fjerner merknaden."),
    )


class BlockTimeForm(ChoicesForm):
    calendar = calendar_field()
    day = day_field(_("Dag"))
    starts = clock_field(_("Fra"))
    ends = clock_field(_("Til"))
    note = forms.CharField(
        label=_("Hva tiden er til"),
        required=False,
        max_length=200,
        help_text=_("Vises bare for kontoret. Skriv ikke noe om pasienter."),
    )

    def clean(self) -> dict[str, Any]:
        check_order(self, "starts", "ends", _("Til må være etter fra."))
        return self.cleaned_data

    @property
    def period(self) -> tuple[datetime, datetime]:
        day: date = self.cleaned_data["day"]
        return at_local(day, self.cleaned_data["starts"]), at_local(day, self.cleaned_data["ends"])
