from crispy_forms.helper import FormHelper
from crispy_forms.layout import Submit
from django import forms


class SubscribeForm(forms.Form):
    """An address, and a field no person sees."""

    email = forms.EmailField(label="Your e-mail address", max_length=254)
    homepage = forms.CharField(required=False, widget=forms.HiddenInput)

    helper = FormHelper()
    helper.add_input(Submit("subscribe", "Subscribe"))

    @property
    def is_from_a_machine(self) -> bool:
        """Whether the hidden field was filled in."""
        return bool(self.cleaned_data.get("homepage"))
