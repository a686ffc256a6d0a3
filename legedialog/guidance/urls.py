from django.urls import path

from legedialog.guidance.web import views

app_name = "guidance"
urlpatterns = [
    path("hjelp/", views.help_page, name="help"),
    path("hjelp/sok/", views.search, name="search"),
    path("hjelp/<slug:topic>/", views.topic_page, name="topic"),
]
