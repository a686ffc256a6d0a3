from django.urls import path

from legedialog.ui import web

app_name = "ui"
AT = "ui/"
urlpatterns = [
    path("sprak/", web.language, name="language"),
    path("utseende/", web.scheme, name="scheme"),
    path("", web.gallery, name="gallery"),
]
