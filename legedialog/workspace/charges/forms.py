from typing import cast

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from legedialog.core import reading
from legedialog.core.ids import new_id
from legedialog.fees import rules, texts
from legedialog.fees.charge_rules import Way
from legedialog.fees.rules import Exemption
from legedialog.ui.forms import NumberField

REASON = 300  # signs
LETTERS = 3  # of a name, to find it by; a number is typed whole


class KronerField(forms.CharField):
    """An amount as people write it, "170" or "170,50"; øre when it is cleaned."""

    default_error_messages = {
        "zero": gettext_lazy("Skriv et beløp som er større enn 0."),
        "decimals": gettext_lazy("Skriv øre med to sifre, for eksempel 170,50."),
        "most": gettext_lazy("Beløpet er for stort. Det kan være høyst %(most)s."),
        "other": gettext_lazy("Skriv et beløp i kroner med sifrene 0 til 9, for eksempel 170, 170,50 eller 1 170."),
    }

    def __init__(self, **options: object) -> None:
        super().__init__(max_length=12, **options)  # type: ignore[arg-type]

    def clean(self, value: object) -> int | None:
        text = reading.line(str(super().clean(value))).strip().casefold()
        if not text:
            return None
        text = text.removeprefix("kr").removesuffix("kr").strip()
        found = reading.hundredths(text)
        if found is None:
            is_short = reading.hundredths(f"{text}0") is not None  # one digit after the comma
            raise self._not("decimals" if is_short and not text.isdigit() else "other")
        if found == 0:
            raise self._not("zero")
        if found > rules.LARGEST_AMOUNT:
            raise self._not("most")
        return found

    def _not(self, code: str) -> forms.ValidationError:
        most = {"most": texts.kroner(rules.LARGEST_AMOUNT)}
        return forms.ValidationError(self.error_messages[code], code=code, params=most)


class LineForm(forms.Form):
    """A code by its number, by its words as they stand in the list, or by some letters that stand in one of them alone:
    the browser shows the same one while one types."""

    code = forms.CharField(
        label=gettext_lazy("Takst eller egen pris"),
        help_text=gettext_lazy("Skriv nummeret, eller noen bokstaver og velg fra listen."),
        max_length=120,
        widget=forms.TextInput(attrs={"list": "codes", "autocomplete": "off"}),
    )

    def __init__(self, *args: object, codes: list[tuple[str, str]], **options: object) -> None:
        super().__init__(*args, **options)  # type: ignore[arg-type]
        self.codes = codes

    def clean_code(self) -> str:
        typed = reading.typed(self.cleaned_data["code"]).casefold()
        exact = [code for code, words in self.codes if typed in {code.casefold(), words.casefold()}]
        if not exact and len(typed) >= LETTERS and not any(sign.isdigit() for sign in typed):
            exact = [code for code, words in self.codes if typed in words.casefold()]
        if not exact:
            raise forms.ValidationError(_("Ingen takst passer. Velg en fra listen."))
        if len(exact) > 1:
            raise forms.ValidationError(_("Flere takster passer. Velg en fra listen."))
        return exact[0]


class LineYesForm(forms.Form):
    """What a line on an approved charge costs, and what the whole comes to with it, to say yes to."""

    code = forms.CharField(widget=forms.HiddenInput)
    total = NumberField(widget=forms.HiddenInput)

    def __init__(self, *, line: str, sum: str, initial: dict[str, object]) -> None:
        super().__init__(initial=initial, auto_id="yes-%s")
        self.line, self.sum = line, sum


class EndYesForm(forms.Form):
    """What an approved charge comes to without its exemption, to say yes to. `waits`: for the card register."""

    total = NumberField(widget=forms.HiddenInput)

    def __init__(self, *, sum: str, waits: bool, initial: dict[str, object]) -> None:
        super().__init__(initial=initial, auto_id="end-%s")
        self.sum, self.waits = sum, waits


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Hvorfor"),
        help_text=gettext_lazy("Pasienten ser det du skriver."),
        error_messages={"required": gettext_lazy("Skriv hvorfor. Pasienten leser det.")},
        max_length=REASON,
    )


class ExemptForm(forms.Form):
    exemption = forms.ChoiceField(
        label=gettext_lazy("Fritak"),
        choices=Exemption.stated(),
    )


class PayForm(forms.Form):
    """`pays_online`: she may be paying the same this moment, so reception is asked once more."""

    key = forms.UUIDField(widget=forms.HiddenInput, initial=new_id)
    ore = KronerField(label=gettext_lazy("Beløp i kroner"))
    way = forms.ChoiceField(
        label=gettext_lazy("Hvordan"),
        choices=[(Way.CARD.value, Way.CARD.label), (Way.CASH.value, Way.CASH.label)],
    )
    is_sure = forms.BooleanField(
        label=gettext_lazy("Registrer likevel"),
        help_text=gettext_lazy("Spør pasienten først, så det ikke blir betalt to ganger."),
        error_messages={"required": gettext_lazy("Pasienten betaler på nett nå. Kryss av hvis dere er sikre.")},
    )

    def __init__(self, *args: object, pays_online: bool, **options: object) -> None:
        super().__init__(*args, **options)  # type: ignore[arg-type]
        if not pays_online:
            del self.fields["is_sure"]


class RefundForm(forms.Form):
    """`is_online`: what came online may go back to the card, which is what one does first. Another way is no money at
    all: the payment was registered by mistake."""

    key = forms.UUIDField(widget=forms.HiddenInput, initial=new_id)
    ore = KronerField(label=gettext_lazy("Beløp i kroner"))
    way = forms.ChoiceField(
        label=gettext_lazy("Hvordan"),
        choices=[
            (Way.ONLINE.value, gettext_lazy("Til kortet som ble brukt på nett")),
            (Way.REFUND.value, gettext_lazy("Vi har betalt det tilbake selv. Pasienten får beskjed.")),
            (Way.UNDONE.value, gettext_lazy("Betalingen var registrert ved en feil. Ingen penger flyttes.")),
        ],
    )

    def __init__(self, *args: object, is_online: bool, **options: object) -> None:
        super().__init__(*args, **options)  # type: ignore[arg-type]
        if not is_online:
            way = cast(forms.ChoiceField, self.fields["way"])
            way.choices = list(way.choices)[1:]  # type: ignore[arg-type]


class FileForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("Fil fra banken"), help_text=gettext_lazy("OCR giro. Den samme filen leses bare én gang.")
    )


class SettleForm(forms.Form):
    number = NumberField(
        label=gettext_lazy("Fakturanummer"),
        help_text=gettext_lazy("La det stå tomt for å legge betalingen til side. Den kan tas fram igjen."),
        min_value=1,
        max_value=999_999_999,
        required=False,
    )
    why = forms.CharField(
        label=gettext_lazy("Hvorfor den legges til side"),
        help_text=gettext_lazy("For eksempel «Betalt tilbake til avsenderen». Bare kontoret ser det."),
        max_length=REASON,
        required=False,
    )

    def __init__(self, *args: object, is_placed: bool, **options: object) -> None:
        """`is_placed`: it is on a charge already, and is only seen."""
        super().__init__(*args, **options)  # type: ignore[arg-type]
        self.is_placed = is_placed
        if is_placed:
            del self.fields["number"], self.fields["why"]

    def clean(self) -> dict[str, object]:
        found = super().clean() or {}
        if not self.is_placed and not self.errors and not found.get("number") and not found.get("why"):
            self.add_error("why", _("Skriv hvorfor, eller skriv fakturanummeret den hører til."))
        return found
