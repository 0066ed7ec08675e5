from datetime import MAXYEAR, datetime
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Field, Fieldset, Layout, LayoutObject
from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.text import slugify

from accounts.forms import CleanImageField
from blog.models import SLUG_LENGTH, Post, Tag

TAGS_MAX = 20


class Folded(LayoutObject):
    """Fields below a summary that opens them; open if one of them has something to say."""

    template = "studio/_folded.html"

    def __init__(self, title: str, *names: str) -> None:
        self.title, self.fields = title, list(names)

    def render(self, form: Any, context: Any, **kwargs: Any) -> str:
        inside = self.get_rendered_fields(form, context, **kwargs)
        is_open = any(form[name].value() or form[name].errors for name in self.fields)
        return render_to_string(
            self.template, {"title": self.title, "fields": inside, "is_open": is_open}
        )


class PostForm(forms.ModelForm):
    """The text of a post and what belongs to it; the buttons say what becomes of it."""

    tags = forms.CharField(
        required=False,
        help_text="Separated by commas.",
        widget=forms.TextInput(attrs={"list": "known-tags", "autocomplete": "off"}),
    )
    # Named apart from the model's field, which a form would write on its instance unasked.
    address = forms.CharField(
        required=False,
        max_length=SLUG_LENGTH,
        help_text="The end of the post's address. Empty: made from the title. "
        "Under an old address readers are led to the new one.",
    )
    new_tags = forms.BooleanField(required=False, label="Create tags that do not exist yet")
    image = CleanImageField(required=False, help_text="JPEG, PNG, WebP or GIF, up to 10 MB.")
    publish_at = forms.DateTimeField(
        required=False,
        label="Publish later, at",
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    canonical_url = forms.URLField(
        required=False,
        max_length=500,
        assume_scheme="https",
        label="First published at",
        help_text="The full address, if this text appeared elsewhere first: search engines then "
        "show that page.",
        validators=[URLValidator(["http", "https"])],
    )
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = Post
        fields = ["title", "summary", "body", "image", "image_alt", "comments_open",
                  "search_title", "search_description", "is_unlisted", "canonical_url"]  # fmt: skip
        widgets = {
            "title": forms.Textarea(attrs={"rows": 1}),  # in its real size, over several lines
            "summary": forms.Textarea(attrs={"rows": 2}),
            "search_description": forms.Textarea(attrs={"rows": 2}),
            "body": forms.Textarea(attrs={"rows": 22}),
        }
        help_texts = {
            "summary": "One or two sentences for lists, feeds and mails.",
            "search_title": "For search engines and link previews. Empty: the title.",
            "search_description": "Empty: the summary.",
            "is_unlisted": "The post stays public; search engines are asked to leave it out.",
            "body": "Markdown: **strong**, *emphasis*, [link](https://…), ## heading.",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial = {
                **self.initial,
                "address": self.instance.slug,
                "tags": ", ".join(self.instance.tags.values_list("name", flat=True)),
                "publish_at": self.instance.publish_at,
                "version": self.instance.version,
            }
        self.fields[
            "publish_at"
        ].help_text = f"Your time zone: {timezone.get_current_timezone_name()}."

    def clean_title(self) -> str:
        return " ".join(self.cleaned_data["title"].split())

    def clean_address(self) -> str:
        """The slug to take, or nothing for the present one."""
        typed = self.cleaned_data["address"].strip()
        if not typed or typed == self.instance.slug:
            return ""
        if slug := slugify(typed, allow_unicode=True):
            return slug
        raise ValidationError("An address needs letters or digits.")

    def clean_publish_at(self) -> datetime | None:
        at: datetime | None = self.cleaned_data["publish_at"]
        if at is not None and at.year == MAXYEAR:  # which may be the year after it elsewhere
            raise ValidationError("This is later than the calendar goes.")
        return at

    def clean_tags(self) -> list[str]:
        names = [name.strip() for name in self.cleaned_data["tags"].split(",")]
        names = list(dict.fromkeys(name for name in names if name))
        if len(names) > TAGS_MAX:
            raise ValidationError(f"A post may have up to {TAGS_MAX} tags.")
        if too_long := [name for name in names if len(name) > 50]:
            raise ValidationError(f"“{too_long[0][:60]}…” is longer than 50 characters.")
        return names

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        unknown = [] if cleaned.get("new_tags") else self._unknown(cleaned.get("tags", []))
        if unknown:
            self.add_error(
                "tags",
                f"There is no tag “{'”, “'.join(unknown)}” yet. "
                "Correct it, or tick “Create tags that do not exist yet”.",
            )
        return cleaned

    def _unknown(self, names: list[str]) -> list[str]:
        return [name for name in names if not Tag.objects.called(name).exists()]

    def text(self) -> dict[str, Any]:
        """The values the writing doors take."""
        values = {name: self.cleaned_data[name] for name in self.Meta.fields}
        values["slug"] = self.cleaned_data["address"]
        if values["image"] is False:  # the "clear" box of the file field
            values["image"] = ""
        return values

    @property
    def helper(self) -> FormHelper:
        """The writing form; the template draws the buttons."""
        helper = FormHelper()
        helper.form_tag = False
        helper.layout = Layout(
            Field("title", css_class="writing-title"),
            "body",
            "version",
            Fieldset("For lists and feeds", "summary", "tags", "new_tags", "address"),
            Fieldset("Picture", "image", "image_alt"),
            Fieldset("Readers", "comments_open", "publish_at"),
            Folded(
                "Search engines",
                "search_title",
                "search_description",
                "canonical_url",
                "is_unlisted",
            ),
        )
        return helper
