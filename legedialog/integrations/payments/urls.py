from django.urls import path

from legedialog.integrations.payments import web

app_name = "payments"
urlpatterns = [path("betalingssvar/", web.told, name="told")]
