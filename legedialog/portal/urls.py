from django.urls import path

from legedialog.portal.corrections import views as corrections
from legedialog.portal.home import front
from legedialog.portal.home import views as home
from legedialog.portal.log import views as log
from legedialog.portal.messages import views as messages
from legedialog.portal.my_gp import views as my_gp
from legedialog.portal.profile import views as profile
from legedialog.portal.representation import views as representation

app_name = "portal"
urlpatterns = [
    path("", front.front, name="front"),
    path("hjem/", home.home, name="home"),
    path("min-fastlege/", my_gp.gp, name="gp"),
    path("meldinger/", messages.messages, name="messages"),
    path("profil/", profile.profile, name="profile"),
    path("profil/kontakt-og-beskjeder/", profile.reach, name="reach"),
    path("profil/innsyn/", profile.insight, name="insight"),
    path("profil/innlogging/", profile.open_logins, name="logins"),
    path("profil/logg/", log.index, name="log"),
    path("profil/logg/last-ned/", log.export, name="log_export"),
    path("profil/logg/<uuid:event_id>/", log.react, name="log_react"),
    path("profil/retting/", corrections.index, name="corrections"),
    path("profil/kontakt/", profile.contact, name="contact"),
    path("profil/kontakt/bekreft/", profile.confirm_contact, name="confirm_contact"),
    path("profil/beskjeder/", profile.notices, name="notices"),
    path("profil/sprak/", profile.language, name="language"),
    path("profil/samtykke/", profile.withdraw, name="withdraw"),
    path("profil/logg-ut-overalt/", profile.log_out_everywhere, name="log_out_everywhere"),
    path("profil/logg-ut/<uuid:login_id>/", profile.log_out_device, name="log_out_device"),
    path("profil/akuttsperre/", profile.lock, name="lock"),
    path("akuttsperre/", profile.locked, name="locked"),
    path("profil/mine-opplysninger/", profile.export, name="export"),
    path("profil/mine-opplysninger/<slug:file>/", profile.export_file, name="export_file"),
    path("profil/fullmakter/", representation.overview, name="powers"),
    path("profil/fullmakter/ny/", representation.give_power, name="give_power"),
    path("profil/fullmakter/<uuid:power_id>/avslutt/", representation.end_power, name="end_power"),
    path("profil/fullmakter/tildelt/<uuid:assignment_id>/avslutt/", representation.step_down, name="step_down"),
    path("representasjon/velg/", representation.choose, name="choose"),
    path("representasjon/tilbake/", representation.switch_back, name="switch_back"),
    path("representasjon/barn/", representation.child, name="child"),
]
