from django.urls import path

from legedialog.operations import offices, overview

app_name = "operations"
urlpatterns = [
    path("drift/", overview.overview, name="overview"),
    path("drift/kontorer/", offices.index, name="offices"),
    path("drift/kontorer/nytt/", offices.new, name="new_office"),
    path("drift/kontorer/<uuid:office_id>/", offices.office, name="office"),
]
