from django.urls import path

from listeners.notifications import views

urlpatterns = [
    path("subscribe/", views.SubscribeView.as_view(), name="subscribe"),
    path(
        "subscribe/confirm/<str:token>/",
        views.ConfirmView.as_view(),
        name="confirm-subscription",
    ),
    path("unsubscribe/<str:token>/", views.UnsubscribeView.as_view(), name="unsubscribe"),
]
