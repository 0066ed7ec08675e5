from crispy_forms.helper import FormHelper
from django import forms

from comments.models import BODY_LENGTH, Comment


class CommentForm(forms.Form):
    """A comment, and which one it answers."""

    body = forms.CharField(
        label="Your comment",
        max_length=BODY_LENGTH,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="Markdown works. A moderator reads it before it appears.",
    )
    parent = forms.ModelChoiceField(
        queryset=Comment.objects.all(), required=False, widget=forms.HiddenInput
    )
    submission = forms.UUIDField(required=False, widget=forms.HiddenInput)

    @property
    def helper(self) -> FormHelper:
        """Fields only: the conversation draws form and button."""
        helper = FormHelper()
        helper.form_tag = False
        return helper
