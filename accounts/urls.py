from django.urls import path, re_path

from accounts import entrance, passwords, views
from accounts.interrupted.views import ChangePersonView

urlpatterns = [
    path("profile/", views.ProfileView.as_view(), name="profile"),
    path("settings/", views.SettingsView.as_view(), name="settings"),
    path("change-person/", ChangePersonView.as_view(), name="change-person"),
    # In place of allauth's own, under the names it looks them up by.
    path("login/", passwords.SignInView.as_view(), name="account_login"),
    path("reauthenticate/", passwords.ReauthenticateView.as_view(), name="account_reauthenticate"),
    path(
        "password/change/", passwords.PasswordChangeView.as_view(), name="account_change_password"
    ),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        passwords.PasswordResetFromKeyView.as_view(),
        name="account_reset_password_from_key",
    ),
    path("signup/", entrance.SignUpView.as_view(), name="account_signup"),
    path("password/reset/", entrance.PasswordResetView.as_view(), name="account_reset_password"),
    re_path(
        r"^confirm-email/(?P<key>[-:\w]+)/$",
        entrance.ConfirmAddressView.as_view(),
        name="account_confirm_email",
    ),
    path("email/", entrance.AddressesView.as_view(), name="account_email"),
]
