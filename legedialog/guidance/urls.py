from django.urls import path

from legedialog.guidance.web import views

app_name = "guidance"
urlpatterns = [path("hjelp/", views.help_page, name="help")]
