"""When posts take their places: in the transaction of the change, so no page counts wrongly."""

from typing import Any

from django.db.models.signals import m2m_changed, post_delete, post_save, pre_delete

from accounts.fields import touched
from blog.invalidation import rules
from blog.listing import placing
from blog.listing.models import DayCount
from blog.models import Post, Tag
from pagecache import invalidate
from signalflow import receiver
from signalflow.signals import pruning_requested, reconcile_requested


@receiver(post_save, sender=Post)
def place_saved_post(instance: Post, created: bool, update_fields: Any, **kwargs: Any) -> None:
    if created and not instance.is_public:
        return
    if touched(update_fields, "status", "published_at", "author"):
        left = placing.place([instance.pk])
        if instance.is_public:  # moved by hand: only its old places say whose pages showed it
            places = {(name, at) for name, _, at in left}
            invalidate(*rules.of_places(places, instance))


@receiver(m2m_changed, sender=Post.tags.through)
def place_retagged_posts(
    instance: Any, action: str, reverse: bool, pk_set: Any, **kwargs: Any
) -> None:
    if action not in {"post_add", "post_remove", "post_clear"}:
        return
    if reverse:  # what `tag.posts.clear()` removed, only the list still knows
        placing.place(pk_set or placing.listed_under(placing.of_tag(instance.pk)))
    elif pk_set or action == "post_clear":
        placing.place([instance.pk])


@receiver(pre_delete, sender=Post)
def take_off_deleted_post(instance: Post, **kwargs: Any) -> None:
    placing.take_off(instance.pk)


@receiver(post_delete, sender=Tag)
def close_list_of_deleted_tag(instance: Tag, **kwargs: Any) -> None:
    placing.place(placing.listed_under(placing.of_tag(instance.pk)))


@receiver(pruning_requested)
def fold_numbers(**kwargs: Any) -> None:
    placing.fold()


@receiver(reconcile_requested)
def place_what_is_wrong(repair: bool, **kwargs: Any) -> list[str]:
    places = placing.wrong_places()
    if repair:
        placing.place(places)
    numbers = placing.wrong_numbers()
    if repair:
        DayCount.objects.bulk_create(numbers)
    return [*places.values(), *placing.in_words(numbers)]
