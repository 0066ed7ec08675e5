from django.urls import path

from listeners.webhooks import views

urlpatterns = [
    path("studio/webhooks/", views.EndpointsView.as_view(), name="webhooks"),
    path("studio/webhooks/<int:pk>/", views.EndpointView.as_view(), name="webhook"),
    path(
        "studio/webhooks/calls/<int:pk>/redeliver/",
        views.RedeliverView.as_view(),
        name="webhook-redeliver",
    ),
    path("studio/webhooks/<int:pk>/delete/", views.DeleteView.as_view(), name="webhook-delete"),
    path("studio/webhooks/<int:pk>/<str:act>/", views.ActView.as_view(), name="webhook-act"),
]
