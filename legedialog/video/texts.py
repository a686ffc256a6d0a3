"""Words for guests, identity, quality and the device test, and what the scripts of the video pages say.

Faults say what happened, then what to do. In WORDS `{name}` and the like are filled in by the browser.
"""

from typing import TYPE_CHECKING

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from collections.abc import Mapping

GUEST_KINDS: "Mapping[str, str | Promise]" = {"interpreter": _("Tolk"), "relative": _("Pårørende")}
IDENTITIES: "Mapping[str, str | Promise]" = {
    "photo-id": _("Viste legitimasjon"),
    "known": _("Kjent av legen"),
    "login": _("Innlogget på høyt nivå"),
}
QUALITIES: "Mapping[str, str | Promise]" = {
    "good": _("God forbindelse"),
    "poor": _("Ustabil forbindelse"),
    "lost": _("Brutt forbindelse"),
}
PARTS: "Mapping[str, str | Promise]" = {
    "camera": _("Kamera"),
    "microphone": _("Mikrofon"),
    "speaker": _("Høyttaler"),
    "network": _("Nett"),
    "relay": _("Reservevei gjennom nettet"),
}
RESULTS: "Mapping[str, tuple[str | Promise, str]]" = {
    "ok": (_("Virker"), "success"),
    "failed": (_("Virker ikke"), "warning"),
    "skipped": (_("Ikke testet"), "neutral"),
}
FAULTS: "Mapping[str, str | Promise]" = {
    "denied": _("Nettleseren fikk ikke lov. Trykk på merket ved adressen øverst, velg «Tillat», og prøv igjen."),
    "in-use": _("Et annet program bruker det. Lukk andre programmer og faner med video, og prøv igjen."),
    "none-found": _("Vi fant ingen. Koble til utstyret, eller bruk en telefon eller et nettbrett i stedet."),
    "insecure": _("Siden er ikke åpnet på en sikker adresse. Skriv adressen på nytt med https foran."),
    "unsupported": _("Nettleseren kan ikke dette. Bruk en ny utgave av Chrome, Edge, Firefox eller Safari."),
    "silent": _("Vi hører ingenting. Sjekk at mikrofonen ikke er slått av, og at riktig mikrofon er valgt."),
    "not-heard": _("Du hørte ikke tonen. Skru opp lyden, eller velg en annen høyttaler eller hodetelefoner."),
    "blocked": _(
        "Nettet ditt stopper video. Prøv et annet nett, for eksempel mobilnettet, eller spør den som drifter nettet."
    ),
    "no-udp": _("Nettet ditt slipper bare gjennom den trege veien. Det virker, men bildet kan bli hakkete."),
    "no-relay": _("Vi har ingen reservevei akkurat nå. De fleste nett klarer seg uten. Ellers kan legen ringe deg."),
    "slow": _("Nettet er tregt nå. Sitt nær ruteren, eller slå av annet som bruker nettet."),
    "other": _("Det virket ikke. Last siden på nytt og prøv igjen."),
}

WORDS: "Mapping[str, str | Promise]" = {
    # Who
    "me": _("{name} (deg)"),
    "you": _("Deg"),
    # The waiting room
    "lobby": _("{name} henter deg hit når det er din tur. Du trenger ikke gjøre noe."),
    "lobby-next": _("Du er den neste. {name} henter deg hit når det er din tur. Du trenger ikke gjøre noe."),
    "lobby-place": _(
        "Du er nummer {place} som venter. {name} henter deg hit når det er din tur. Du trenger ikke gjøre noe."
    ),
    "lobby-here": _("{name} er klar og henter deg snart. Du trenger ikke gjøre noe."),
    "lobby-delayed": _("Legen er forsinket og regner med å begynne kl. {time}."),
    "called-in": _("Legen kaller deg inn"),
    # My own picture and sound
    "asking": _("Nettleseren spør om den får bruke kamera og mikrofon. Svar «Tillat»."),
    "own-camera-off": _("Kameraet er av."),
    "short-camera": _("Kamera av"),
    "short-microphone": _("Mikrofon av"),
    "own-denied": _("Kameraet er ikke tillatt. Du er med på lyd. Tillat det ved adressefeltet, og trykk på Kamera."),
    "own-in-use": _("Et annet program bruker kameraet. Lukk det, og trykk på Kamera."),
    "own-none-found": _("Vi finner ikke noe kamera. Du er med uten bilde."),
    "own-insecure": _("Siden er ikke sikker, så nettleseren slipper ikke til kameraet."),
    "own-other": _("Kameraet startet ikke. Trykk på Kamera for å prøve igjen."),
    "own-audio-denied": _(
        "Mikrofonen er ikke tillatt. Du hører de andre og kan skrive i chatten. Tillat den ved adressefeltet, og trykk "
        "på Mikrofon."
    ),
    "own-audio-in-use": _("Et annet program bruker mikrofonen. Lukk det, og trykk på Mikrofon."),
    "own-audio-none-found": _("Vi finner ingen mikrofon. Du hører de andre og kan skrive i chatten."),
    "own-audio-insecure": _("Siden er ikke sikker, så nettleseren slipper ikke til mikrofonen."),
    "own-audio-other": _("Mikrofonen startet ikke. Trykk på Mikrofon for å prøve igjen."),
    "microphone-on": _("Mikrofonen er på."),
    "microphone-off": _("Mikrofonen er av."),
    "camera-on": _("Kameraet er på."),
    "camera-off": _("Kameraet er av."),
    "screen-on": _("Du deler skjermen din."),
    "screen-off": _("Du deler ikke skjermen lenger."),
    "audio-only-on": _("Bare lyd. Bilder er slått av begge veier."),
    "audio-only-off": _("Du ser de andre igjen. Trykk på Kamera for å slå på ditt eget bilde."),
    "audio-replaced": _("Mikrofonen ble borte. En annen har tatt over."),
    "audio-gone": _("Mikrofonen ble borte. De andre hører deg ikke."),
    "video-replaced": _("Kameraet ble borte. Et annet har tatt over."),
    "video-gone": _("Kameraet ble borte. Du er fortsatt med på lyd."),
    "device-audio": _("Mikrofon {number}"),
    "device-video": _("Kamera {number}"),
    "device-speaker": _("Høyttaler {number}"),
    "corner-top-left": _("Bildet ditt er øverst til venstre."),
    "corner-top-right": _("Bildet ditt er øverst til høyre."),
    "corner-bottom-right": _("Bildet ditt er nederst til høyre."),
    "corner-bottom-left": _("Bildet ditt er nederst til venstre."),
    # The others
    "alone": _("Vent litt. De andre er ikke her akkurat nå. Plassen din er holdt av."),
    "alone-doctor": _("Ingen er kalt inn ennå."),
    "picture-of": _("Bildet av {name}"),
    "screen-of": _("Skjermen til {name}"),
    "connecting": _("Kobler til {name} …"),
    "no-picture": _("{name} er med uten bilde."),
    "pictures-off": _("Du har valgt bare lyd."),
    "ask-guest": _("{name} ({title}) venter. Er det greit for deg at {name} er med?"),
    "has-come": _("{name} er med."),
    "has-left": _("{name} har forlatt videotimen."),
    "away": _("{name} er borte et øyeblikk. Plassen er holdt av."),
    "lost": _("Forbindelsen med {name} er brutt. Vi prøver igjen av oss selv."),
    "back": _("Forbindelsen med {name} er tilbake."),
    "poor": _("Forbindelsen med {name} er ustabil. Bare lyd kan hjelpe."),
    "shares-screen": _("{name} deler skjermen sin."),
    **{f"quality-{quality}": word for quality, word in QUALITIES.items()},
    "quality-wait": _("Kobler til"),
    "lasted": _("{minutes} min"),
    # Beside the picture
    "message-from": _("Melding fra {name}: {text}"),
    "unread": _("{number} nye"),
    "no-code": _("Koden kommer når dere er koblet sammen."),
    "identity-photo-id": _("Har vist legitimasjon"),
    "identity-known": _("Kjent fra før"),
    "identity-login": _("Bekreftet ved innlogging"),
    # When it breaks
    "no-server": _("Vi har ikke kontakt med Legedialog. Vi prøver igjen av oss selv, og plassen din er holdt av."),
    "paused": _("Mikrofonen er i bruk et annet sted, kanskje i en telefonsamtale. Koble til igjen etterpå."),
    "phone": _("Timen fortsetter på telefon. Legen ringer deg."),
    "phone-doctor": _("Timen fortsetter på telefon. Pasienten får se det."),
    "reconnecting": _("Kobler til igjen …"),
    "call-me-done": _("Legen har fått beskjed om å ringe deg på {number}. Plassen din er holdt av."),
    "call-me-failed": _("Beskjeden kom ikke fram. Ring legekontoret."),
    # When it is over
    "left-title": _("Du har forlatt videotimen"),
    "left": _("Kamera og mikrofon er slått av. Du kan bli med igjen så lenge timen varer."),
    "replaced-title": _("Videotimen er åpnet et annet sted"),
    "replaced": _("Du har åpnet den i en annen fane eller på en annen enhet. Vil du heller bruke denne, trykk her."),
    "ended-title": _("Videotimen er over"),
    "ended": _("Legen har avsluttet timen. Kamera og mikrofon er slått av."),
    "removed-title": _("Du er ikke lenger med i videotimen"),
    "removed": _("Legen har avsluttet samtalen for deg. Har du spørsmål, så ring legekontoret."),
    # The device test
    "test-running": _("Tester …"),
    **{f"test-{result}": word for result, (word, _color) in RESULTS.items()},
    "test-slow": _("Virker, men ikke godt"),
    "test-camera-ok": _("Du skal se deg selv i bildet."),
    "test-microphone-listening": _("Si noe, så ser du lydnivået."),
    "test-microphone-ok": _("Vi hører deg."),
    "test-speaker-ask": _("Hørte du lyden?"),
    "test-speaker-ok": _("Du hører lyd fra denne enheten."),
    "test-network-ok": _("Svar fra oss på {milliseconds} millisekunder."),
    "test-relay-ok": _("Reserveveien virker, fram og tilbake på {milliseconds} millisekunder."),
    "test-all-ok": _("Alt virker. Du er klar til videotimen."),
    "test-sound-left": _("Det vi har prøvd, virker. Prøv lyden også, så er du klar til videotimen."),
    "test-some-failed": _("Noe virker ikke. Se hva du kan gjøre ved hvert punkt. Legen kan også ringe deg."),
    "test-saved": _("Resultatet er lagret. Legekontoret ser det sammen med timen."),
    "test-not-saved": _("Resultatet ble ikke lagret, men testen gjelder likevel."),
}


def faults() -> dict[str, str]:
    """In the active language, for the page's script."""
    return {code: str(text) for code, text in FAULTS.items()}
