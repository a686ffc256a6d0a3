from django.urls import path

from legedialog.consent.web import views

app_name = "consent"
urlpatterns = [
    path("samtykke/", views.give, name="give"),
    path("samtykke/na/", views.now, name="now"),
]
