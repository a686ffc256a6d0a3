"""What people are told of interpreters."""

from django.utils.translation import gettext_lazy as _

from legedialog.core.contexts import Dated, HelpGroup, Topic

TOPICS = (
    Topic(
        *("tolk", 305, HelpGroup.YOURS, "people"),
        dated=Dated("2026-12-02", "8df46d99"),
        title=_("Behov for tolk"),
        about=_("Si fra om at du trenger tolk, så ser legekontoret det."),
        what=[
            _("Du sier hvilket språk du trenger tolk på. Du kan også velge norsk tegnspråk."),
            _("Legekontoret ser det øverst når de åpner siden din og timene dine."),
        ],
        who=[_("Du selv, den som kan bestille time for deg, og legekontoret kan si fra og endre det.")],
        cost=[_("Det er gratis å si fra her.")],
        not_for=[
            _("Å si fra her bestiller ikke tolken. Det gjør kontoret. Spør dem hvis du er usikker."),
            _("Språket på disse sidene velger du for seg selv, i Profil."),
        ],
        steps=[
            _("Åpne Profil, og velg Kontakt og beskjeder. Velg Si fra om tolk."),
            _("Velg språket, og lagre."),
            _("Trenger du ikke tolk lenger? Velg Trenger ikke tolk, og lagre."),
        ],
        fails=[_("Står ikke språket i listen? Ring legekontoret, eller skriv det når du bestiller time.")],
        words=_("tolk tolketjeneste språk tegnspråk døv hørsel oversette oversetter fremmedspråk"),
        begin="interpreters:need",
        begin_word=_("Si fra om tolk"),
        asked_at=["interpreters:need"],
        related=["bestille-time", "sprak-og-hjelpemidler", "opplysningene-dine"],
    ),
)
