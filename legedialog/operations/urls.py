from django.urls import path

from legedialog.operations import health, overview

app_name = "operations"
urlpatterns = [
    path("health/live", health.live, name="live"),
    path("health/ready", health.ready, name="ready"),
    path("drift/", overview.overview, name="overview"),
]
