"""Every page, for whoever it is for: no barrier axe can find, nothing to scroll sideways."""

import io
from types import SimpleNamespace

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.core.files.base import ContentFile
from django.utils import timezone
from PIL import Image
from playwright.sync_api import Page

from blog import services
from comments.services import approve_comment, submit_comment
from notifications.models import Subscription
from notifications.subscribing import subscribe
from webhooks.models import Attempt, Call, Endpoint

pytestmark = [pytest.mark.browser, pytest.mark.slow]

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

[^1]: At the end.
"""


@pytest.fixture
def full(live_server, write, ada, edith, rita, moss):
    """A site with everything that is hard to set: long words, many tags, right to left."""
    picture = io.BytesIO()
    Image.new("RGB", (600, 400), "#274060").save(picture, "JPEG")
    image = ContentFile(picture.getvalue(), "sun.jpg")
    tags = ["light", *(f"tag {number}" for number in range(40))]
    post = write(LONG, public=True, tags=tags, body=ALL_SORTS, summary="s" * 300)
    write("المرآة والشمس", public=True, tags=["ضوء"], body="كانت المرآة تحمل الأخبار.")
    seen = write("Seen", public=True, image=image, image_alt="Blue", body=ALL_SORTS)
    services.feature(seen, by=edith)
    comment = None
    for _ in range(4):
        comment = submit_comment(post, author=rita, body="w" * 200, parent=comment)
        approve_comment(comment, by=moss)
    submit_comment(post, author=rita, body="Waits.")
    subscribe("rita@example.org", "site", "all new posts")
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
REFUSED = {("nobody", "/nothing-is-here/"): 404, ("rita", "/studio/"): 403}
PAGES = [
    pytest.param(who, address, id=f"{who}-{address}".encode("ascii", "ignore").decode())
    for who, addresses in {
        "nobody": STRANGER,
        "rita": READER,
        "ada": AUTHOR,
        "moss": MODERATOR,
        "olga": OPERATOR,
    }.items()
    for address in addresses
]


def check(page: Page) -> None:
    """Both schemes and three widths, whatever the page holds now."""
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        for width in (360, 768, 1440):
            page.set_viewport_size({"width": width, "height": 900})
            wide = page.evaluate("document.documentElement.scrollWidth")
            assert wide <= width, f"{wide} px on a screen of {width}"
            if width != 768:
                found = Axe().run(page)
                assert found.violations_count == 0, f"{scheme}, {width}: {found.generate_report()}"


@pytest.mark.parametrize(("who", "address"), PAGES)
def test_a_page_has_no_barriers(who, address, full, page_of, request):
    page = page_of(None if who == "nobody" else request.getfixturevalue(who))
    answer = page.goto(address.format(site=full))
    # Neither sent on to another page nor refused, or another page than the named is looked at.
    assert answer.request.redirected_from is None
    assert answer.status == REFUSED.get((who, address), 200)
    check(page)


@pytest.mark.parametrize("address", ["/", "/tags/", "/authors/", "/archive/", "/search/?q=sun"])
def test_an_empty_site_has_no_barriers(address, page_of):
    page = page_of(None)
    page.goto(address)
    check(page)


@pytest.mark.parametrize(
    ("who", "address", "button"),
    [
        ("ada", "/studio/posts/new/", "Publish"),
        ("ada", "/studio/posts/new/", "Preview"),
        ("rita", "/posts/{site.post.slug}/", "Send comment"),
        ("rita", "/accounts/profile/", "Save profile"),
        (None, "/subscribe/", "Subscribe"),
    ],
)
def test_a_refused_form_has_no_barriers(who, address, button, full, page_of, request):
    page = page_of(who and request.getfixturevalue(who))
    page.goto(address.format(site=full))
    page.eval_on_selector_all("form", "all => all.forEach(form => form.noValidate = true)")
    page.get_by_role("button", name=button, exact=True).click()
    check(page)


def test_a_receipt_has_no_barriers(full, ada, page_of):
    page = page_of(ada)
    page.goto(f"/studio/posts/{full.draft.pk}/edit/")
    page.get_by_role("button", name="Publish", exact=True).click()
    page.get_by_role("status").get_by_text("Everything that ran").wait_for()
    check(page)
    page.get_by_role("link", name="What happened last").click()
    page.get_by_role("heading", name="What happened").wait_for()
    page.get_by_text("Everything that ran").click()
    check(page)


def test_a_run_of_the_lab_has_no_barriers(ada, page_of):
    page = page_of(ada)
    page.goto("/studio/lab/")
    page.get_by_role("button", name="Run both").click()
    page.get_by_text("The naive form failed as described, and ours held.").wait_for()
    check(page)


def test_the_webhook_pages_have_no_barriers(live_server, olga, page_of):
    endpoint = Endpoint.objects.create(label=LONG[:100], url=f"https://hook.example/{'x' * 200}")
    call = Call.objects.create(endpoint=endpoint, event="1", kind="ping", body="y" * 300)
    Attempt.objects.create(call=call, milliseconds=1, status=200, excerpt="z" * 500)
    Attempt.objects.create(call=call, uncertain=True, error="e" * 300)
    page = page_of(olga)
    page.goto("/studio/webhooks/")
    check(page)
    page.get_by_role("link", name=endpoint.label).click()
    for summary in ("Show it", "What is sent"):
        page.get_by_text(summary).click()
    check(page)


def test_the_menu_opens_without_script_and_has_no_barriers(moss, page_of):
    page = page_of(moss)
    page.goto("/")
    page.get_by_role("button", name="moss").click()
    page.get_by_role("link", name="Moderation").wait_for()
    check(page)
