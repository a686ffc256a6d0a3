from django.urls import path

from legedialog.access.web import ending, kept
from legedialog.integrations.login import web

app_name = "access"
urlpatterns = [
    path("logg-inn/", web.login, name="login"),
    path("logg-inn/ansatt/", web.staff_login, name="staff_login"),
    path("logg-inn/svar/<slug:name>/", web.callback, name="callback"),
    path("logg-inn/kontor/", web.office, name="office"),
    path("logg-inn/utlogget/", kept.ended, name="ended"),
    path("logg-inn/hvem/", kept.whose, name="whose"),
    path("logg-inn/slutt/", ending.ending, name="ending"),
    path("logg-inn/tekst/", kept.kept, name="kept"),
    path("logg-inn/tekst/<uuid:form_id>/", kept.send, name="send_kept"),
    path("logg-ut/", web.logout, name="logout"),
    path("logg-ut/<slug:name>/front/", web.front_channel_logout, name="front_channel_logout"),
    path("logg-ut/<slug:name>/back/", web.back_channel_logout, name="back_channel_logout"),
]
