from django.urls import path
from django.views.generic import RedirectView

from legedialog.workspace.web import calendar, concerns, inbox, patients, purpose, settings, time, video, visits

app_name = "workspace"
urlpatterns = [
    path("", RedirectView.as_view(pattern_name="workspace:calendar"), name="home"),
    path("innboks/", inbox.index, name="inbox"),
    path("innboks/beskjed/<uuid:notification_id>/", inbox.notice, name="notice"),
    path("innboks/innsyn/<uuid:concern_id>/", concerns.answer, name="concern"),
    path("onsker/", inbox.requests, name="requests"),
    path("onsker/<uuid:request_id>/", inbox.request_, name="request"),
    path("onsker/<uuid:request_id>/gi-time/", inbox.assign, name="assign"),
    path("onsker/<uuid:request_id>/avsla/", inbox.refuse, name="refuse"),
    path("kalender/", calendar.index, name="calendar"),
    path("kalender/dagsliste/", calendar.day_list, name="day-list"),
    path("kalender/bestill/", visits.book, name="book"),
    path("kalender/sperr/", time.block, name="block"),
    path("kalender/sperret/<uuid:claim_id>/", time.blocked, name="blocked"),
    path("timer/<uuid:appointment_id>/", visits.show, name="visit"),
    path("timer/<uuid:appointment_id>/status/", visits.move, name="move"),
    path("timer/<uuid:appointment_id>/synlighet/", visits.restrict, name="restrict"),
    path("timer/<uuid:appointment_id>/avbestill/", visits.cancel, name="cancel"),
    path("videotimer/", video.index, name="video"),
    path("pasienter/", patients.index, name="patients"),
    path("pasienter/<uuid:patient_id>/", patients.show, name="patient"),
    path("pasienter/<uuid:patient_id>/akuttsperre/", patients.lift_lock, name="lift-lock"),
    path("pasienter/<uuid:patient_id>/formal/", purpose.state, name="purpose"),
    path("innstillinger/", settings.index, name="settings"),
    path("innstillinger/tjenester/<uuid:clinician_id>/<slug:service>/", settings.service, name="settings-service"),
    path("innstillinger/timetyper/ny/", settings.visit_type, name="settings-new-visit-type"),
    path("innstillinger/timetyper/<uuid:visit_type_id>/", settings.visit_type, name="settings-visit-type"),
    path("innstillinger/ukeplan/<uuid:calendar_id>/", settings.plan, name="settings-plan"),
    path("innstillinger/ukeplan/<uuid:calendar_id>/ny/", settings.new_block, name="settings-new-block"),
    path("innstillinger/ukeplan/blokk/<uuid:block_id>/", settings.change_block, name="settings-block"),
    path("innstillinger/fravar/", settings.absences, name="settings-absences"),
    path("innstillinger/fravar/<uuid:absence_id>/avslutt/", settings.end_absence, name="settings-end-absence"),
    path("innstillinger/apningstider/", settings.opening_hours, name="settings-hours"),
    path("innstillinger/apningstider/unntak/", settings.opening_exception, name="settings-exception"),
    path("innstillinger/apningstider/unntak/fjern/", settings.remove_exception, name="settings-remove-exception"),
]
