from typing import Any

from allauth.account.auth_backends import AuthenticationBackend

from accounts.models import User


class SignInBackend(AuthenticationBackend):
    """allauth's own; the person of a session comes with what every page asks about them."""

    def get_user(self, user_id: Any) -> User | None:
        people = User.objects.select_related("profile", "preferences")
        user = people.filter(pk=user_id).first()
        return user if user is not None and self.user_can_authenticate(user) else None
