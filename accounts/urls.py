from django.urls import path

from accounts import views
from accounts.interrupted.views import ChangePersonView

urlpatterns = [
    path("profile/", views.ProfileView.as_view(), name="profile"),
    path("settings/", views.SettingsView.as_view(), name="settings"),
    path("change-person/", ChangePersonView.as_view(), name="change-person"),
]
