from django.urls import path

from legedialog.integrations.sms import web

app_name = "sms"
urlpatterns = [path("varsler/sms/", web.status, name="status")]
