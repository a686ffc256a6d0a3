from django.urls import path

from legedialog.attachments.web import views

app_name = "attachments"
AT = "vedlegg/"
urlpatterns = [
    path("", views.receive, name="receive"),
    path("<uuid:attachment_id>/", views.own, name="own"),
    path("<uuid:attachment_id>/fjern/", views.remove, name="remove"),
    path("kontor/", views.office_receive, name="office-receive"),
    path("kontor/<uuid:attachment_id>/", views.office_own, name="office-own"),
    path("kontor/<uuid:attachment_id>/fjern/", views.office_remove, name="office-remove"),
]
