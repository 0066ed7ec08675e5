from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.signals import user_login_failed
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse

from accounts.addresses import client_address
from accounts.devices import remember
from accounts.mails import hand_over, key_of
from accounts.models import User
from accounts.services import announce_confirmation, announce_registration
from accounts.text import short_site_name
from accounts.tries import counted, forgive


class AccountAdapter(DefaultAccountAdapter):
    """django-allauth, with our notions of where a request came from and who registers."""

    def get_client_ip(self, request: HttpRequest) -> str:
        return client_address(request) or "0.0.0.0"  # noqa: S104 - a rate-limit bucket, no socket

    def clean_email(self, email: str) -> str:
        """What the column holds: allauth's own field takes more."""
        longest = User._meta.get_field("email").max_length or 254  # RFC 5321, section 4.5.3.1
        if len(email) > longest:
            raise ValidationError(f"An address has up to {longest} characters.")
        return super().clean_email(email)

    def save_user(self, request: HttpRequest, user: Any, form: Any, commit: bool = True) -> Any:
        """The row and its announcement, together: what hears of a sign-up can undo it.

        The form, `accounts.sign_up.SignUpForm`, has hashed the password.
        """
        user.username, user.email = form.cleaned_data["username"], form.cleaned_data["email"]
        user.password = form.password_hash
        with transaction.atomic():
            user.save()
            announce_registration(user)
        return user

    def authenticate(self, request: HttpRequest, **credentials: Any) -> Any:
        """Whose name and password these are, or None; raises ValidationError after too many."""
        name = credentials.get("email") or credentials.get("username") or ""
        with counted(request, name) as tries:
            user = super().authenticate(request, **credentials)
            tries.right = user is not None
        return user

    def post_login(self, request: HttpRequest, user: Any, **kwargs: Any) -> HttpResponse:
        response = super().post_login(request, user, **kwargs)
        remember(request, response, user)
        return response

    def reauthenticate(self, user: Any, password: str) -> bool:
        """Whether it is the password of this account: who it is about is known."""
        with counted(self.request, user.username) as tries:
            tries.right = user.check_password(password)
        if tries.right:
            return True
        named = {"username": user.username}
        user_login_failed.send(sender=__name__, credentials=named, request=self.request)
        return False

    def set_password(self, user: Any, password: str) -> None:
        """The row, its notice and its entry in the audit trail, together.

        Hashing takes long on purpose, and does not make other writers wait.
        """
        user.set_password(password)
        with transaction.atomic():
            user.save(update_fields=["password"])
        names = EmailAddress.objects.filter(user=user).values_list("email", flat=True)
        for name in {user.username, user.email, *names}:
            forgive(name)

    def can_delete_email(self, email_address: Any) -> bool:
        """An account keeps the address it has, also its only one: two without one are refused."""
        return not email_address.primary and super().can_delete_email(email_address)

    def is_safe_url(self, url: str) -> bool:
        """Whether `next` leads to a place of this site: allauth breaks on half an address."""
        try:
            return url.startswith(("/", "http")) and bool(super().is_safe_url(url))
        except ValueError:
            return False

    def confirm_email(self, request: HttpRequest, email_address: Any) -> bool:
        """The row and its announcement, together."""
        with transaction.atomic():
            confirmed = bool(super().confirm_email(request, email_address))
            if confirmed:
                announce_confirmation(email_address.user, email_address.email)
        return confirmed

    def format_email_subject(self, subject: str) -> str:
        """The short name before it: subjects are cut at their end, where they say what it is."""
        return f"[{short_site_name()}] {subject}"

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Written here and sent by others: no request waits for a mail server.

        Mails name the site as SITE_URL does: any visitor can write a Host into a request.
        """
        own: dict[str, Any] = {
            name: settings.SITE_URL + urlsplit(address)._replace(scheme="", netloc="").geturl()
            for name, address in context.items()
            if name.endswith("_url")
        }
        host = urlsplit(settings.SITE_URL).netloc
        own["current_site"] = SimpleNamespace(name=settings.SITE_NAME, domain=host)
        told = {"request": self.request, "email": email, **context, **own}
        mail = self.render_mail(template_prefix, email, told)
        hand_over(mail, template_prefix.rpartition("/")[2], key_of(context))
