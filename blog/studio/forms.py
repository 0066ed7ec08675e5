from functools import cached_property
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Field, Fieldset, Layout, LayoutObject
from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from accounts.forms import CleanImageField
from accounts.text import MultilineField
from blog.models import SLUG_LENGTH, Post, Tag
from blog.studio.planning import FORMAT, MomentField, TypedDate, read, shown

TAGS_MAX = 20
SEVERAL_LINES = ["title", "summary", "search_description"]


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


class BodyField(MultilineField):
    """A text as it was typed: where it begins with code, spaces stand before it."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{**options, "strip": False})


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
    publish_at = MomentField(
        required=False,
        label="Publish later, at",
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format=FORMAT),
    )
    # What this form has shown, so that whoever leaves the date alone changes nothing.
    shown_publish_at = forms.CharField(required=False, widget=forms.HiddenInput)
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
        field_classes = {**dict.fromkeys(SEVERAL_LINES, MultilineField), "body": BodyField}
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
            "is_unlisted": "Readers find it here all the same; search engines are asked not "
            "to show it.",
            "body": "Markdown: **strong**, *emphasis*, [link](https://…), ## heading.",
        }

    def __init__(self, *args: Any, may_publish: bool = True, by: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        image = self.fields["image"]
        if isinstance(image, CleanImageField):
            image.by = by
        post = self.instance
        if post.pk:
            stored = {
                "address": post.slug,
                "tags": ", ".join(post.tags.values_list("name", flat=True)),
                "publish_at": self.initial.get("publish_at") or post.publish_at,
                "shown_publish_at": shown(post),
                "version": post.version,
            }
            self.initial = {**self.initial, **stored}
        self.fields["body"].needed = _("needed to publish")  # type: ignore[attr-defined]
        self.fields["image_alt"].needed = _("needed with a picture")  # type: ignore[attr-defined]
        self.fields["publish_at"].help_text = self._about_the_date()
        if post.is_public or not may_publish:
            del self.fields["publish_at"], self.fields["shown_publish_at"]

    def _about_the_date(self) -> str:
        zone = _("Your time zone: %s.") % timezone.get_current_timezone_name()
        if self.instance.status == Post.Status.SCHEDULED:
            said = _("Empty it and press “Publish” to publish now, or “Save” to make it a draft.")
        else:
            said = _("Filled in, “Publish” waits until then.")
        return f"{zone} {said}"

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
        if self.date.problem and self.data.get("do") in {"schedule", "publish"}:
            self.add_error("publish_at" if "publish_at" in self.fields else None, self.date.problem)
        unknown = [] if cleaned.get("new_tags") else self._unknown(cleaned.get("tags", []))
        if unknown:
            self.add_error(
                "tags",
                f"There is no tag “{'”, “'.join(unknown)}” yet. "
                "Correct it, or tick “Create tags that do not exist yet”.",
            )
        return cleaned

    @cached_property
    def date(self) -> TypedDate:
        """The date that was typed, also in a form that no longer has one; see `planning`."""
        typed, before = (self.data.get(name) for name in ("publish_at", "shown_publish_at"))
        return read(typed, before, self.instance)

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
        planned = [name for name in ("publish_at", "shown_publish_at") if name in self.fields]
        helper.layout = Layout(
            Field("title", css_class="writing-title"),
            "body",
            "version",
            Fieldset("For lists and feeds", "summary", "tags", "new_tags", "address"),
            Fieldset("Picture", "image", "image_alt"),
            Fieldset("Readers", "comments_open", *planned),
            Folded(
                "Search engines",
                "search_title",
                "search_description",
                "canonical_url",
                "is_unlisted",
            ),
        )
        return helper
