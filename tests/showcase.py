"""A site with everything that is hard to set, and the addresses of its pages."""

import io
from types import SimpleNamespace

import pytest
from django.core.files.base import ContentFile
from django.utils import timezone
from PIL import Image

from accounts.services import update_profile
from blog import services
from comments.services import approve_comment, submit_comment
from listeners.notifications.models import Subscription
from listeners.notifications.subscribing import subscribe
from signalflow.testing import run_deliveries

LONG = ("Donaudampfschifffahrtsgesellschaft" * 6)[:200]
ALL_SORTS = f"""## One

A [link](https://example.org/{"y" * 150}), `{"x" * 120}`, **strong**, a note[^1].

### Two

> A quote.

```python
def flash(): return "{"z" * 200}"  # a comment
```

## Three

| {" | ".join("abcdefghij")} |
|{"---|" * 10}
| {" | ".join(["some words"] * 10)} |

---

1. First
2. Second

![A mirror](/static/img/social_image.png)
*A caption with a [link](/tags/).*

[^1]: At the end.
"""
SHARP = "<b>\"Sharp\"</b> & 'pointed' ]]> </script>"


@pytest.fixture
def full(transactional_db, write, ada, edith, rita, moss):
    """A site with everything that is hard to set: long words, many tags, right to left."""
    picture = io.BytesIO()
    Image.new("RGB", (600, 400), "#274060").save(picture, "JPEG")
    image = ContentFile(picture.getvalue(), "sun.jpg")
    tags = ["light", *(f"tag {number}" for number in range(40))]
    post = write(LONG, public=True, tags=tags, body=ALL_SORTS, summary="s" * 300)
    write("المرآة والشمس", public=True, tags=["ضوء"], body="كانت المرآة تحمل الأخبار.")
    write(SHARP, public=True, tags=["light", 'a<b & "c"'], summary=SHARP, body=SHARP)
    update_profile(
        ada, display_name="عدا & <b>", bio="نور\n\n" + SHARP, website="https://a.example/?b&c"
    )
    seen = write("Seen", public=True, tags=["light"], image=image, image_alt="Blue", body=ALL_SORTS)
    services.feature(seen, by=edith)
    comment = None
    for _ in range(4):
        comment = submit_comment(post, author=rita, body="w" * 200, parent=comment)
        approve_comment(comment, by=moss)
    approve_comment(submit_comment(post, author=rita, body=f"شمس\n\n> {SHARP}"), by=moss)
    submit_comment(post, author=rita, body="Waits.")
    subscribe("rita@example.org", "site", "all new posts")
    run_deliveries()
    return SimpleNamespace(
        post=post,
        draft=write(),
        comment=comment,
        token=Subscription.objects.get().token,
        now=timezone.now(),
    )


STRANGER = [
    "/",
    "/posts/{site.post.slug}/",
    "/posts/seen/",
    "/posts/المرآة-والشمس/",
    "/tags/",
    "/tags/light/",
    "/authors/",
    "/authors/ada/",
    "/archive/",
    "/archive/{site.now.year}/",
    "/archive/{site.now.year}/{site.now.month}/",
    "/search/",
    "/search/?q=link",
    "/search/?q=nowhere",
    "/accounts/login/",
    "/accounts/signup/",
    "/accounts/password/reset/",
    "/accounts/password/reset/done/",
    "/accounts/confirm-email/",
    "/subscribe/",
    "/subscribe/?tag=light",
    "/subscribe/confirm/{site.token}/",
    "/unsubscribe/{site.token}/",
    "/nothing-is-here/",
]
READER = [
    "/posts/{site.post.slug}/",
    "/posts/{site.post.slug}/?reply={site.comment.pk}",
    "/accounts/profile/",
    "/accounts/settings/",
    "/accounts/email/",
    "/accounts/password/change/",
    "/accounts/logout/",
    "/studio/",
]
AUTHOR = [
    "/",
    "/studio/",
    "/studio/?status=private",
    "/studio/posts/new/",
    "/studio/posts/{site.post.pk}/edit/",
    "/studio/posts/{site.draft.pk}/edit/",
    "/studio/posts/{site.post.pk}/preview/",
    "/studio/posts/{site.draft.pk}/forecast/",
    "/studio/posts/{site.draft.pk}/delete/",
    "/studio/lab/",
]
MODERATOR = [
    "/posts/{site.post.slug}/",
    "/studio/comments/",
    "/studio/comments/?status=approved",
    "/studio/comments/?status=spam",
]
OPERATOR = [
    "/studio/signals/",
    "/studio/signals/?app=nothing&signal=nothing",
    "/studio/signals/traces/",
    "/studio/signals/deliveries/",
    "/studio/signals/deliveries/?state=pending",
    "/studio/signals/deliveries/?state=done",
]
