from django.urls import path

from signalflow.staff import receipts, views

urlpatterns = [
    path("receipts/about/<str:target>/", receipts.LatestView.as_view(), name="receipt-about"),
    path("receipts/<str:trace>/", receipts.ReceiptView.as_view(), name="receipt"),
    path(
        "receipts/<str:trace>/retry/<int:delivery>/",
        receipts.RetryView.as_view(),
        name="receipt-retry",
    ),
    path("signals/", views.OverviewView.as_view(), name="signals"),
    path("signals/wiring.json", views.WiringJsonView.as_view(), name="signals-json"),
    path("signals/wiring.dot", views.WiringDotView.as_view(), name="signals-dot"),
    path("signals/source/", views.SourceView.as_view(), name="signals-source"),
    path("signals/traces/", views.TracesView.as_view(), name="signal-traces"),
    path("signals/deliveries/", views.DeliveriesView.as_view(), name="signal-deliveries"),
    path("signals/deliveries/replay/", views.ReplayView.as_view(), name="signal-replay"),
    path(
        "signals/deliveries/<str:act>/",
        views.DeliveryActView.as_view(),
        name="signal-deliveries-act",
    ),
]
