from django.urls import path

from legedialog.outbox.web import views

app_name = "outbox"
urlpatterns = [path("demo/varsler/", views.demo, name="demo")]
