import zoneinfo
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Submit
from django import forms
from django.core.files.uploadedfile import UploadedFile

from accounts.models import User, UserPreferences, UserProfile
from accounts.text import MultilineField
from accounts.upload_limits import admit


class CleanImageField(forms.ImageField):
    """An image field whose value is a new file made of the upload's pixels alone.

    Its form says whose upload it is (`by`).
    """

    by: User | None = None

    def clean(self, data: Any, initial: Any = None) -> Any:
        if isinstance(data, UploadedFile):
            from media.uploads import reencode  # noqa: PLC0415 - Pillow, for uploads alone

            admit(self.by)
            return reencode(data)
        return super().clean(data, initial)


class ProfileForm(forms.ModelForm):
    website = forms.URLField(required=False, max_length=300, assume_scheme="https")
    avatar = CleanImageField(required=False, help_text="JPEG, PNG, WebP or GIF, up to 10 MB.")

    class Meta:
        model = UserProfile
        fields = ["display_name", "bio", "website", "avatar"]
        field_classes = {"bio": MultilineField}
        widgets = {"bio": forms.Textarea(attrs={"rows": 5})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        avatar = self.fields["avatar"]
        if isinstance(avatar, CleanImageField) and self.instance.pk:
            avatar.by = self.instance.user

    helper = FormHelper()
    helper.add_input(Submit("save", "Save profile"))


class PreferencesForm(forms.ModelForm):
    time_zone = forms.ChoiceField(
        choices=[(name, name.replace("_", " ")) for name in sorted(zoneinfo.available_timezones())]
    )

    class Meta:
        model = UserPreferences
        fields = ["theme", "time_zone", "email_notifications"]

    helper = FormHelper()
    helper.add_input(Submit("save", "Save settings"))
