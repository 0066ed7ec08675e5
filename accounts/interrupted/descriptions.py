"""What a form was about to do, in words.

A view that takes a POST may say so itself:

    @classmethod
    def describe_post(cls, user, data, **kwargs) -> tuple[str, str]:
        return _("Publish “%s”") % title, _("Publish")  # what it is, and the button

`user` may be anonymous, and may not be allowed to do it: it names nothing they may not see.
"""

from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from accounts.interrupted.requests import InterruptedRequest


@dataclass(frozen=True, slots=True)
class Description:
    """A heading, the button that goes on, and what was typed as (label, text)."""

    title: str
    button: str
    typed: list[tuple[str, str]] = field(default_factory=list)


def describe(interrupted: InterruptedRequest, user: Any) -> Description:
    """The words for a kept form, as far as `user` may know them."""
    match, data = interrupted.match, interrupted.data()
    view: Any = getattr(match.func, "view_class", None) if match else None
    title, button = _("What you were about to send"), _("Send it")
    if match and hasattr(view, "describe_post"):
        title, button = view.describe_post(user, data, **match.kwargs)
    form = getattr(view, "form_class", None)
    if form is not None:
        return Description(title, button, _of_form(form, interrupted.fields))
    return Description(title, button, [] if view else _by_name(interrupted.fields))


def _of_form(form: Any, fields: dict[str, list[str]]) -> list[tuple[str, str]]:
    typed = []
    for name, known in form.base_fields.items():
        text = _text(known, [value for value in fields.get(name, []) if value])
        if text and not isinstance(known.widget, forms.HiddenInput):
            typed.append((capfirst(str(known.label or name.replace("_", " "))), text))
    return typed


def _text(known: forms.Field, values: list[str]) -> str:
    if isinstance(known, forms.BooleanField):
        return _("Yes") if values else ""
    if isinstance(known, forms.ChoiceField) and not isinstance(known, forms.ModelChoiceField):
        choices: Any = known.choices
        words = {str(value): str(label) for value, label in choices}
        values = [words.get(value, value) for value in values]
    return ", ".join(values)


def _by_name(fields: dict[str, list[str]]) -> list[tuple[str, str]]:
    """The fields of a page without a form of ours: the administration's."""
    return [
        (capfirst(name.replace("_", " ")), ", ".join(values))
        for name, values in fields.items()
        if any(values) and not name.startswith(("_", "initial-")) and "-" not in name
    ]
