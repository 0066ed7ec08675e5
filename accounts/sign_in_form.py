from typing import Any

from allauth.account.forms import LoginForm
from django import forms

from accounts.models import User


class SignInForm(LoginForm):
    """allauth's own, which takes a name of any length to the database: SQLite refuses to look
    for one of 50,000 letters.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        given = self.fields["login"]
        longest = User._meta.get_field("email").max_length  # a user name is shorter
        self.fields["login"] = forms.CharField(
            label=given.label, widget=given.widget, max_length=longest
        )
