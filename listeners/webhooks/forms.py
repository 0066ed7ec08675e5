from crispy_forms.helper import FormHelper
from crispy_forms.layout import Submit
from django import forms
from django.core.exceptions import ValidationError

from listeners.webhooks.addresses import NotSent, parse, resolve
from listeners.webhooks.models import Endpoint

RESOLVE_TIMEOUT_SECONDS = 5.0  # seconds a person waits for the name servers


class EndpointForm(forms.ModelForm):
    """A new endpoint.  Its address is checked here to help, and again before each call."""

    class Meta:
        model = Endpoint
        fields = ["label", "url"]
        widgets = {
            "url": forms.URLInput(
                attrs={"placeholder": "https://example.org/hook", "autocomplete": "off"}
            )
        }
        help_texts = {
            "label": "What it is for, in your words.",
            "url": "It gets a signed POST for every event.",
        }

    helper = FormHelper()
    helper.add_input(Submit("add", "Add this webhook"))

    def clean_url(self) -> str:
        url: str = self.cleaned_data["url"]
        try:
            resolve(parse(url), RESOLVE_TIMEOUT_SECONDS)
        except NotSent as error:
            raise ValidationError(str(error)) from error
        return url
