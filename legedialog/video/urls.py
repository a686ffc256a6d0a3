"""`GET /live/video/<seat>/` itself is a stream and never comes here: see config/asgi.py."""

from django.urls import path

from legedialog.video.web import citizen, guest, posts

app_name = "video"
urlpatterns = [
    path("timeavtaler/<uuid:appointment_id>/video/", citizen.room, name="room"),
    path("timeavtaler/<uuid:appointment_id>/video/gjest/", citizen.invite, name="invite"),
    path("timeavtaler/<uuid:appointment_id>/video/gjest/<uuid:guest_id>/svar/", citizen.agree, name="agree"),
    path("timeavtaler/<uuid:appointment_id>/video/ring-meg/", citizen.call_me, name="call-me"),
    path("timeavtaler/<uuid:appointment_id>/video/forlat/", citizen.leave, name="leave"),
    path("timeavtaler/<uuid:appointment_id>/video/etterpa/", citizen.feedback, name="feedback"),
    path("timeavtaler/sykehus/<uuid:external_id>/video/", citizen.elsewhere, name="elsewhere"),
    path("timeavtaler/test-utstyr/", citizen.test, name="test"),
    path("videogjest/", guest.room, name="guest"),
    path("videogjest/<str:token>/", guest.link, name="guest-link"),
    path("live/video/<uuid:seat_id>/", posts.send, name="send"),
    path("live/video/<uuid:seat_id>/ice/", posts.ice, name="ice"),
]
