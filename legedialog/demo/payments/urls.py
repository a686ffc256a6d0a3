from django.urls import path

from legedialog.demo.payments import views as web

AT = "demo-betaling/"
app_name = "payments-demo"
urlpatterns = [
    path("api/payments", web.opens, name="opens"),
    path("api/payments/<slug:payment>", web.status, name="status"),
    path("api/payments/<slug:payment>/refunds", web.refunds, name="refunds"),
    path("<slug:payment>/", web.page, name="page"),
]
