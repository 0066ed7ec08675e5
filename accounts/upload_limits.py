"""How many pictures, and how large, one account may send and keep."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts.limits import HOUR, Rate, spend
from accounts.models import User
from media.pictures import bytes_kept


def admit(by: User | None) -> None:
    """Look at what an account has sent and keeps, before its next picture is read.

    `by` is None for the system, which sends what it likes.  Raises ValidationError with a
    sentence; what passes counts as one of UPLOADS_PER_HOUR.
    """
    if by is None:
        return
    if bytes_kept(by) > settings.UPLOADS_MB * 1_000_000:
        raise ValidationError(
            _("Your pictures take more than %d MB, which one account may keep. Remove some first.")
            % settings.UPLOADS_MB
        )
    if spend((Rate("picture", settings.UPLOADS_PER_HOUR, HOUR), str(by.pk))):
        raise ValidationError(
            _("You have sent %d pictures in an hour. Please wait a while with the next one.")
            % settings.UPLOADS_PER_HOUR
        )
