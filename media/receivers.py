"""Stored files: scaled when somebody shows them, removed when nobody does."""

from contextlib import suppress
from typing import Any

from media.files import delete_unreferenced
from media.pictures import ensure_renditions, originals
from media.renditions import BrokenImageError
from media.signals import files_released, image_chosen
from signalflow import DURABLE, Skip, receiver
from signalflow.deliveries import unfinished
from signalflow.signals import reconcile_requested
from signalflow.spec import uid_of
from signalflow.staff.receipt_text import phrase

phrase("renditions made", "The picture is ready in {count} sizes and formats")


# Not atomic: a file that is gone does not come back with a rollback; deleting twice is harmless.
@receiver(
    files_released,
    when=DURABLE,
    atomic=False,
    renamed="accounts.receivers.remove_released_files",
)
def remove_released_files(names: list[str], **kwargs: Any) -> None:
    for name in names:
        delete_unreferenced(name)


# Image work takes long: no transaction is held over it, and doing it twice is harmless.
@receiver(
    image_chosen,
    when=DURABLE,
    atomic=False,
    key="name",
    renamed="accounts.receivers.make_renditions",
)
def make_renditions(name: str, **kwargs: Any) -> None:
    try:
        told = ensure_renditions(name)
    except (FileNotFoundError, BrokenImageError) as error:  # which no second try will mend
        raise Skip(f"no renditions of {name}: {error}"[:200]) from error
    if not told:
        raise Skip(f"nobody shows {name} any more")


@receiver(reconcile_requested)
def make_missing_renditions(repair: bool, **kwargs: Any) -> list[str]:
    """Restores and raw SQL show pictures no signal saw; those that wait for the worker are fine."""
    uid = uid_of(make_renditions)
    lacking = [name for name in originals(lacking=True) if not unfinished(uid, name)]
    for name in lacking if repair else []:
        with suppress(FileNotFoundError, BrokenImageError):  # it is found again, and told
            ensure_renditions(name)
    return [f"picture {name}: not in every size and format" for name in lacking]
