from django.urls import path

from legedialog.portal.web import front, log, profile, views

app_name = "portal"
urlpatterns = [
    path("", front.front, name="front"),
    path("hjem/", views.home, name="home"),
    path("min-fastlege/", views.gp, name="gp"),
    path("meldinger/", views.messages, name="messages"),
    path("legemidler/", views.medicines, name="medicines"),
    path("profil/", profile.profile, name="profile"),
    path("profil/logg/", log.index, name="log"),
    path("profil/logg/last-ned/", log.export, name="log_export"),
    path("profil/logg/<uuid:event_id>/", log.react, name="log_react"),
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
]
