import zoneinfo
from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import Any

from django.contrib.auth.models import AbstractUser
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Lower

from accounts import cache_tags
from accounts.paths import path_of
from media.files import random_name
from media.renditions import Pictures
from pagecache import Tracked


class User(Tracked, AbstractUser):
    """Somebody who can sign in.  What others may see of them is in `UserProfile`."""

    email = models.EmailField("e-mail address", unique=True)

    # What the database held before the save that is under way.
    stored: Mapping[str, Any] = MappingProxyType({})

    class Meta(AbstractUser.Meta):
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                name="user_email_ignoring_case",
                violation_error_message="This e-mail address is taken.",
            ),
            models.UniqueConstraint(
                Lower("username"),
                name="user_name_ignoring_case",
                violation_error_message="This user name is taken.",
            ),
        ]

    NAMES = ("username", "first_name", "last_name")  # what `public_name` may be made of
    RIGHTS = ("is_active", "is_staff", "is_superuser")  # what decides beside permissions
    ANNOUNCED = ("email", "password", *NAMES, *RIGHTS)  # whose changes others hear of

    def get_absolute_url(self) -> str:
        return path_of("author", self.username)

    def cache_tags(self, columns: Collection[str]) -> list[str]:
        return [] if {*self.NAMES}.isdisjoint(columns) else [cache_tags.name(self.pk)]

    @property
    def public_name(self) -> str:
        """The name readers see; the user name where none was chosen."""
        profile = getattr(self, "profile", None)
        return (profile and profile.display_name) or self.get_full_name() or self.username


class UserProfile(Tracked, models.Model):
    """What readers see of a user, and the author's statistics (recounted, never added to)."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="profile")
    display_name = models.CharField(max_length=100, blank=True)
    bio = models.TextField("about you", max_length=1000, blank=True)
    website = models.URLField(max_length=300, blank=True)
    avatar = models.ImageField(upload_to=random_name, max_length=200, blank=True)
    avatar_renditions = models.JSONField(default=dict, blank=True, editable=False)
    post_count = models.PositiveIntegerField(default=0, editable=False)
    last_published_at = models.DateTimeField(null=True, blank=True, editable=False)

    pictures = Pictures(owner="user", are_square=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="profile_post_count_not_negative", condition=models.Q(post_count__gte=0)
            ),
        ]

    def __str__(self) -> str:
        return f"profile of {self.user_id}"

    # Which of its columns readers see, and as what.
    _SHOWN = MappingProxyType(
        {
            "display_name": cache_tags.name,
            "avatar": cache_tags.picture,
            "avatar_renditions": cache_tags.picture,
            "bio": cache_tags.bio,
            "website": cache_tags.bio,
        }
    )

    def cache_tags(self, columns: Collection[str]) -> list[str]:
        shown = {tag for column, tag in self._SHOWN.items() if column in columns}
        # Whose it is must not cost a statement for each row: then it is anybody's.
        whose: Any = self.user_id if "user_id" in columns else "*"
        return [tag(whose) for tag in shown]


def validate_time_zone(name: str) -> None:
    """Raise ValidationError unless `name` is in the IANA time zone database."""
    if name not in zoneinfo.available_timezones():
        raise ValidationError("“%(name)s” is not a time zone.", params={"name": name})


class UserPreferences(models.Model):
    """How the site behaves for one user."""

    class Theme(models.TextChoices):
        SYSTEM = "system", "as my device"
        LIGHT = "light", "light"
        DARK = "dark", "dark"

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="preferences")
    email_notifications = models.BooleanField("mail me about my posts and comments", default=True)
    theme = models.CharField(max_length=10, choices=Theme.choices, default=Theme.SYSTEM)
    time_zone = models.CharField(max_length=50, default="UTC", validators=[validate_time_zone])

    class Meta:
        verbose_name_plural = "user preferences"

    def __str__(self) -> str:
        return f"preferences of {self.user_id}"
