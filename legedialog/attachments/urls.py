from django.urls import path

from legedialog.attachments.web import views

app_name = "attachments"
urlpatterns = [
    path("<uuid:practice_id>/<uuid:patient_id>/", views.receive, name="receive"),
    path("<uuid:attachment_id>/", views.own, name="own"),
    path("<uuid:attachment_id>/fjern/", views.remove, name="remove"),
]
