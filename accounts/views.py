from typing import Any

from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _
from django.views.generic import FormView

from accounts.forms import PreferencesForm, ProfileForm
from accounts.models import User
from accounts.services import (
    preferences_of,
    profile_of,
    update_preferences,
    update_profile,
)


def person(request: HttpRequest) -> User:
    """Who is signed in; the views below let nobody else in."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


class _Described:
    """Forms that need no more than a title and a button to be told (accounts/interrupted)."""

    described: tuple[Any, Any]

    @classmethod
    def describe_post(cls, user: Any, data: Any) -> tuple[str, str]:
        title, button = cls.described
        return str(title), str(button)


class ProfileView(_Described, LoginRequiredMixin, FormView):
    """What readers see of me."""

    template_name = "accounts/profile.html"
    form_class = ProfileForm
    described = _("Your profile"), _("Save profile")
    success_url = reverse_lazy("profile")

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "instance": profile_of(person(self.request))}

    def form_valid(self, form: ProfileForm) -> HttpResponse:
        changes = dict(form.cleaned_data)
        if changes.get("avatar") is False:  # the "clear" box of the file field
            changes["avatar"] = ""
        try:
            update_profile(person(self.request), **changes)
        except ValidationError as refusal:
            form.add_error("avatar" if changes.get("avatar") else None, refusal)
            return self.form_invalid(form)
        messages.success(self.request, "Your profile is saved.")
        return super().form_valid(form)


class SettingsView(_Described, LoginRequiredMixin, FormView):
    """How the site behaves for me."""

    template_name = "accounts/settings.html"
    form_class = PreferencesForm
    described = _("Your settings"), _("Save settings")
    success_url = reverse_lazy("settings")

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "instance": preferences_of(person(self.request))}

    def form_valid(self, form: PreferencesForm) -> HttpResponse:
        update_preferences(person(self.request), **form.cleaned_data)
        messages.success(self.request, "Your settings are saved.")
        return super().form_valid(form)
