from django.urls import path

from legedialog.workspace import purpose, taking_back
from legedialog.workspace.around import views as around
from legedialog.workspace.calendar import changing, time, visits
from legedialog.workspace.calendar import views as calendar
from legedialog.workspace.inbox import answers, changes, concerns, corrections, sorting
from legedialog.workspace.inbox import views as inbox
from legedialog.workspace.journal import views as journal
from legedialog.workspace.numbers import views as numbers
from legedialog.workspace.patients import assigning
from legedialog.workspace.patients import views as patients
from legedialog.workspace.prescriptions import views as prescriptions
from legedialog.workspace.prescriptions import withdrawing
from legedialog.workspace.requests import views as requests
from legedialog.workspace.searches import views as searches
from legedialog.workspace.settings import intake, staff
from legedialog.workspace.settings import prescriptions as prescription_settings
from legedialog.workspace.settings import views as settings
from legedialog.workspace.start import views as start
from legedialog.workspace.video import room as video_room
from legedialog.workspace.video import views as video

app_name = "workspace"
urlpatterns = [
    path("", start.home, name="home"),
    path("innboks/", inbox.index, name="inbox"),
    path("innboks/beskjed/<uuid:notification_id>/", inbox.notice, name="notice"),
    path("innboks/tall/", numbers.index, name="numbers"),
    path("innboks/tall/fil/", numbers.file, name="numbers-file"),
    path("innboks/flere/", sorting.several, name="inbox-several"),
    path("rundt/", around.index, name="around"),
    path("angre/", taking_back.take_back, name="undo"),
    path("ikke-gjort/<uuid:act_id>/", taking_back.put_away, name="not-done"),
    path("innboks/vedlegg/<uuid:attachment_id>/", inbox.attachment, name="dialogue-attachment"),
    path("innboks/<uuid:dialogue_id>/", inbox.show, name="dialogue"),
    path("innboks/<uuid:dialogue_id>/synlighet/", sorting.restrict, name="dialogue-restrict"),
    path("innboks/<uuid:dialogue_id>/hvem/", inbox.presence, name="dialogue-presence"),
    path("innboks/<uuid:dialogue_id>/svar/", answers.answer, name="dialogue-answer"),
    path("innboks/<uuid:dialogue_id>/lukk/", sorting.close, name="dialogue-close"),
    path("innboks/<uuid:dialogue_id>/apne/", sorting.reopen, name="dialogue-reopen"),
    path("innboks/<uuid:dialogue_id>/tildel/", sorting.assign, name="dialogue-assign"),
    path("innboks/<uuid:dialogue_id>/kommentar/", sorting.forward, name="dialogue-forward"),
    path("innboks/<uuid:dialogue_id>/flytt/", sorting.move, name="dialogue-move"),
    path("innboks/innsyn/<uuid:concern_id>/", concerns.answer, name="concern"),
    path("innboks/register/<uuid:change_id>/", changes.change, name="register-change"),
    path("innboks/retting/<uuid:correction_id>/", corrections.answer, name="correction"),
    path("onsker/", requests.index, name="requests"),
    path("onsker/<uuid:request_id>/", requests.show, name="request"),
    path("onsker/<uuid:request_id>/gi-time/", requests.assign, name="assign"),
    path("onsker/<uuid:request_id>/avsla/", requests.refuse, name="refuse"),
    path("kalender/", calendar.index, name="calendar"),
    path("kalender/dagsliste/", calendar.day_list, name="day-list"),
    path("kalender/bestill/", visits.book, name="book"),
    path("kalender/sperr/", time.block, name="block"),
    path("kalender/sperret/<uuid:claim_id>/", time.blocked, name="blocked"),
    path("timer/<uuid:appointment_id>/", visits.show, name="visit"),
    path("timer/<uuid:appointment_id>/status/", visits.move, name="move"),
    path("timer/<uuid:appointment_id>/synlighet/", visits.restrict, name="restrict"),
    path("timer/<uuid:appointment_id>/endre/", changing.change, name="change"),
    path("timer/<uuid:appointment_id>/avbestill/", visits.cancel, name="cancel"),
    path("resepter/", prescriptions.index, name="prescriptions"),
    path("resepter/se-over/", prescriptions.summary, name="prescriptions-summary"),
    path("resepter/utfor/", prescriptions.many, name="prescriptions-many"),
    path("resepter/<uuid:renewal_id>/", prescriptions.order, name="prescription-order"),
    path("resepter/resept/<uuid:prescription_id>/synlighet/", prescriptions.restrict, name="prescription-restrict"),
    path("resepter/resept/<uuid:prescription_id>/tilbakekall/", withdrawing.withdraw, name="prescription-withdraw"),
    path("pasienter/<uuid:patient_id>/legemidler/", prescriptions.medicine_list, name="medicine-list"),
    path("innstillinger/fornyelse/", prescription_settings.index, name="settings-prescriptions"),
    path(
        "innstillinger/fornyelse/<uuid:allowance_id>/fjern/",
        prescription_settings.remove,
        name="settings-remove-allowance",
    ),
    path("videotimer/", video.index, name="video"),
    path("videotimer/<uuid:appointment_id>/", video_room.room, name="video-room"),
    path("videotimer/<uuid:appointment_id>/slipp-inn/", video_room.admit, name="video-admit"),
    path("videotimer/<uuid:appointment_id>/ta-ut/", video_room.remove, name="video-remove"),
    path("videotimer/<uuid:appointment_id>/identitet/", video_room.identity, name="video-identity"),
    path("videotimer/<uuid:appointment_id>/gjest/", video_room.invite, name="video-invite"),
    path("videotimer/<uuid:appointment_id>/gjest/<uuid:guest_id>/ny-lenke/", video_room.renew, name="video-renew"),
    path("videotimer/<uuid:appointment_id>/telefon/", video_room.phone, name="video-phone"),
    path("videotimer/<uuid:appointment_id>/bilde/", video_room.picture, name="video-picture"),
    path("videotimer/<uuid:appointment_id>/avslutt/", video_room.end, name="video-end"),
    path("videotimer/<uuid:appointment_id>/apne/", video_room.reopen, name="video-reopen"),
    path("videotimer/<uuid:appointment_id>/utsett/", video_room.postpone, name="video-postpone"),
    path("videotimer/<uuid:appointment_id>/ikke-mott/", video_room.no_show, name="video-no-show"),
    path("videotimer/<uuid:appointment_id>/minn/", video_room.remind, name="video-remind"),
    path("pasienter/", patients.index, name="patients"),
    path("pasienter/<uuid:patient_id>/", patients.show, name="patient"),
    path("pasienter/<uuid:patient_id>/fodselsnummer/", patients.number, name="patient-number"),
    path("pasienter/<uuid:patient_id>/journal/", journal.index, name="journal"),
    path("pasienter/<uuid:patient_id>/journal/notat/", journal.note, name="journal-note"),
    path("pasienter/<uuid:patient_id>/journal/utskrift/", journal.paper, name="journal-paper"),
    path("pasienter/<uuid:patient_id>/journal/journal.pdf", journal.document, name="journal-document"),
    path("journal/<uuid:entry_id>/", journal.show, name="journal-entry"),
    path("journal/<uuid:entry_id>/rett/", journal.correct, name="journal-correct"),
    path("journal/<uuid:entry_id>/flytt/", journal.misfile, name="journal-misfile"),
    path("journal/flyttet/<uuid:misfiling_id>/", journal.moved, name="journal-moved"),
    path("journal/vedlegg/<uuid:attachment_id>/", journal.attachment, name="journal-attachment"),
    path("pasienter/<uuid:patient_id>/akuttsperre/", patients.lift_lock, name="lift-lock"),
    path("pasienter/<uuid:patient_id>/fullmakt/", assigning.index, name="assigned"),
    path("fullmakt/<uuid:assignment_id>/avslutt/", assigning.end, name="end-assigned"),
    path("pasienter/<uuid:patient_id>/formal/", purpose.state, name="purpose"),
    path("pasienter/<uuid:patient_id>/melding/", answers.start, name="dialogue-start"),
    path("innstillinger/", settings.index, name="settings"),
    path("innstillinger/kontoret/", staff.office, name="settings-office"),
    path("innstillinger/ansatte/", staff.employees, name="settings-employees"),
    path("innstillinger/ansatte/ny/", staff.new_employee, name="settings-new-employee"),
    path("innstillinger/ansatte/<uuid:employee_id>/", staff.employee, name="settings-employee"),
    path("innstillinger/ansatte/<uuid:employee_id>/slutter/", staff.leave, name="settings-leave"),
    path("innstillinger/sok/", searches.index, name="searches"),
    path("innstillinger/tjenester/<uuid:clinician_id>/<slug:service>/", settings.service, name="settings-service"),
    path("innstillinger/timetyper/ny/", settings.visit_type, name="settings-new-visit-type"),
    path("innstillinger/timetyper/<uuid:visit_type_id>/", settings.visit_type, name="settings-visit-type"),
    path("innstillinger/ukeplan/<uuid:calendar_id>/", settings.plan, name="settings-plan"),
    path("innstillinger/ukeplan/<uuid:calendar_id>/ny/", settings.new_block, name="settings-new-block"),
    path("innstillinger/ukeplan/blokk/<uuid:block_id>/", settings.change_block, name="settings-block"),
    path("innstillinger/fravar/", settings.absences, name="settings-absences"),
    path("innstillinger/fravar/<uuid:absence_id>/avslutt/", settings.end_absence, name="settings-end-absence"),
    path("innstillinger/dialog/", intake.index, name="intake"),
    path("innstillinger/dialog/mottak/", intake.take_in, name="intake-take-in"),
    path("innstillinger/dialog/emner/<slug:kind>/nytt/", intake.topic, name="intake-new-topic"),
    path("innstillinger/dialog/emner/<slug:kind>/<slug:code>/", intake.topic, name="intake-topic"),
    path("innstillinger/dialog/sporsmal/<slug:code>/", intake.questions, name="intake-questions"),
    path("innstillinger/dialog/sporsmal/<slug:code>/fil/", intake.export, name="intake-export"),
    path("innstillinger/dialog/sporsmal/<slug:code>/les-inn/", intake.import_, name="intake-import"),
    path("innstillinger/dialog/maler/ny/", intake.template, name="intake-new-template"),
    path("innstillinger/dialog/maler/<uuid:template_id>/", intake.template, name="intake-template"),
    path("innstillinger/apningstider/", settings.opening_hours, name="settings-hours"),
    path("innstillinger/apningstider/unntak/", settings.opening_exception, name="settings-exception"),
    path("innstillinger/apningstider/unntak/fjern/", settings.remove_exception, name="settings-remove-exception"),
]
