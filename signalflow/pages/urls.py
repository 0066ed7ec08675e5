from django.urls import path

from signalflow.pages import receipts, staff

urlpatterns = [
    path("receipts/about/<str:target>/", receipts.LatestView.as_view(), name="receipt-about"),
    path("receipts/<str:trace>/", receipts.ReceiptView.as_view(), name="receipt"),
    path(
        "receipts/<str:trace>/retry/<int:delivery>/",
        receipts.RetryView.as_view(),
        name="receipt-retry",
    ),
    path("signals/", staff.OverviewView.as_view(), name="signals"),
    path("signals/wiring.json", staff.WiringJsonView.as_view(), name="signals-json"),
    path("signals/wiring.dot", staff.WiringDotView.as_view(), name="signals-dot"),
    path("signals/source/", staff.SourceView.as_view(), name="signals-source"),
    path("signals/traces/", staff.TracesView.as_view(), name="signal-traces"),
    path("signals/deliveries/", staff.DeliveriesView.as_view(), name="signal-deliveries"),
    path("signals/deliveries/replay/", staff.ReplayView.as_view(), name="signal-replay"),
    path(
        "signals/deliveries/<str:act>/",
        staff.DeliveryActView.as_view(),
        name="signal-deliveries-act",
    ),
]
