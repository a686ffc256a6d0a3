from django.urls import path

from legedialog.dialogues.web import reading, writing

app_name = "dialogues"
AT = "meldinger/"
urlpatterns = [
    path("ny/e-konsultasjon/", writing.start, {"slug": "e-konsultasjon"}, name="econsultation"),
    path("ny/kontakt/", writing.start, {"slug": "kontakt"}, name="contact"),
    path("ny/<slug:slug>/sporsmal/", writing.questions, name="questions"),
    path("ny/<slug:slug>/skriv/", writing.write, name="write"),
    path("ny/<slug:slug>/se-over/", writing.review, name="review"),
    path("ny/<slug:slug>/slett/", writing.discard, name="discard"),
    path("<uuid:dialogue_id>/", reading.show, name="show"),
    path("<uuid:dialogue_id>/svar/", reading.reply, name="reply"),
    path("<uuid:dialogue_id>/slett-kladd/", reading.discard_reply, name="discard_reply"),
    path("<uuid:dialogue_id>/trekk/", reading.withdraw, name="withdraw"),
    path("vedlegg/<uuid:attachment_id>/", reading.attachment, name="attachment"),
    path("<uuid:dialogue_id>/skjul/", reading.hide, name="hide"),
    path("<uuid:dialogue_id>/dialog.pdf", reading.file, name="file"),
]
