from django.urls import path

from legedialog.appointments.web import arriving, asked, booking, citizen, earlier, feeds, requests

app_name = "appointments"
AT = "timeavtaler/"
urlpatterns = [
    path("", citizen.index, name="index"),
    path("bestill/", booking.book, name="book"),
    path("bestill/se-over/", booking.review, name="review"),
    path("bestill/avbryt/", booking.release, name="release"),
    path("be-om-time/", requests.request_time, name="request"),
    path("onsker/<uuid:request_id>/", requests.show_request, name="request-show"),
    path("onsker/<uuid:request_id>/trekk/", requests.withdraw, name="request-withdraw"),
    path("onsker/<uuid:request_id>/velg/", requests.accept, name="request-accept"),
    path("onsker/<uuid:request_id>/passer-ikke/", requests.none_suits, name="request-none-suits"),
    path("onsker/<uuid:request_id>/takk-nei/", requests.decline, name="request-decline"),
    path("innkalling/<uuid:recall_id>/", asked.show, name="recall"),
    path("innkalling/<uuid:recall_id>/takk-nei/", asked.decline, name="recall-decline"),
    path("venteliste/<uuid:wait_id>/slutt/", earlier.stop, name="wait-stop"),
    path("tilbud/<uuid:offer_id>/ta/", earlier.accept, name="offer-accept"),
    path("tilbud/<uuid:offer_id>/takk-nei/", earlier.refuse, name="offer-refuse"),
    path("kalender/", feeds.feed, name="feed"),
    path("kalender/slutt/", feeds.end, name="feed-end"),
    path("kalender/<str:token>.ics", feeds.read, name="feed-read"),
    path("andre/<uuid:external_id>/timeavtale.ics", citizen.file_elsewhere, name="file-elsewhere"),
    path("<uuid:appointment_id>/", citizen.show, name="show"),
    path("<uuid:appointment_id>/bestilt/", booking.receipt, name="receipt"),
    path("<uuid:appointment_id>/flytt/", booking.move, name="move"),
    path("<uuid:appointment_id>/tidligere/", earlier.ask, name="earlier"),
    path("<uuid:appointment_id>/avbestill/", citizen.cancel, name="cancel"),
    path("<uuid:appointment_id>/kommet/", arriving.arrive, name="arrive"),
    path("<uuid:appointment_id>/ikke-kommet/", arriving.take_back, name="not-here"),
    path("<uuid:appointment_id>/skjul/", citizen.hide, name="hide"),
    path("<uuid:appointment_id>/timeavtale.ics", citizen.calendar_file, name="file"),
]
