from django.urls import path

from legedialog.demo.identity import views as web

AT = "demo-id/"
app_name = "identity"
urlpatterns = [
    path(".well-known/openid-configuration", web.discovery, name="discovery"),
    path("jwks", web.jwks, name="jwks"),
    path("par", web.par, name="par"),
    path("authorize", web.authorize, name="authorize"),
    path("token", web.token, name="token"),
    path("logout", web.logout, name="logout"),
]
