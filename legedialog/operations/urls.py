from django.urls import path

from legedialog.operations import overview

app_name = "operations"
urlpatterns = [
    path("drift/", overview.overview, name="overview"),
]
