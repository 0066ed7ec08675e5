import uuid

from crispy_forms.helper import FormHelper
from django import forms

from accounts.text import MultilineField
from comments.models import BODY_LENGTH


class CommentForm(forms.Form):
    """A comment, and the id of the one it answers."""

    body = MultilineField(
        label="Your comment",
        max_length=BODY_LENGTH,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="Markdown works. A moderator reads it before it appears.",
    )
    # Whatever these hold, nobody could read an error about it: the view makes sense of them.
    parent = forms.Field(required=False, widget=forms.HiddenInput)
    submission = forms.Field(required=False, widget=forms.HiddenInput)

    def clean_submission(self) -> uuid.UUID | None:
        try:
            return uuid.UUID(self.cleaned_data["submission"])
        except (TypeError, ValueError):
            return None

    @property
    def helper(self) -> FormHelper:
        """Fields only: the conversation draws form and button."""
        helper = FormHelper()
        helper.form_tag = False
        return helper
