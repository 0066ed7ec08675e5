"""Entries stay as they were written, whatever becomes of the rows and people they name."""

import pytest

from accounts.models import User
from accounts.services import update_profile
from blog import services
from listeners.audit.models import AppendOnly, AuditEntry

pytestmark = pytest.mark.django_db(transaction=True)


def test_nobody_changes_or_deletes_an_entry(write) -> None:
    write()
    entry = AuditEntry.objects.get(verb="created")
    entry.verb = "forged"
    rows = AuditEntry.objects.all()
    for attempt in (
        entry.save,
        entry.delete,
        lambda: entry.save(update_fields=["verb"]),
        rows.delete,
        lambda: rows.update(verb="forged"),
        lambda: rows.filter(pk=entry.pk).update(actor_name="nobody"),
        lambda: rows.bulk_update([entry], ["verb"]),
        lambda: AuditEntry.objects.update_or_create(pk=entry.pk, defaults={"verb": "forged"}),
    ):
        with pytest.raises(AppendOnly):
            attempt()
    assert AuditEntry.objects.get(pk=entry.pk).verb == "created"


def test_what_went_along_says_with_what(world) -> None:
    comment = world["comment"]
    services.delete_post(world["public"], by=world["edith"])
    entries = {e.target_type: e for e in AuditEntry.objects.filter(verb="deleted")}
    assert entries["comments.comment"].details == {"along_with": "blog.post"}
    assert entries["comments.comment"].target_id == str(comment.pk)
    assert entries["blog.post"].details == {}
    assert {e.actor_name for e in entries.values()} == {"edith"}


@pytest.mark.parametrize("manner", ["one", "a queryset"])
def test_who_was_removed_can_still_be_read(world, manner) -> None:
    rita = world["rita"]
    update_profile(rita, bio="Reader")
    mine = AuditEntry.objects.filter(actor_id=rita.pk)
    before = list(mine.values("actor_name", "verb", "target_label"))
    assert before
    rows = User.objects.filter(pk=rita.pk)
    rows.delete() if manner == "a queryset" else rita.delete()
    after = mine.values("actor_name", "verb", "target_label")
    assert list(after.exclude(verb="deleted")) == before
    deleted = AuditEntry.objects.get(verb="deleted")
    assert (deleted.target_label, deleted.target_id) == ("rita", str(rita.pk or deleted.target_id))
    assert str(deleted)


def test_the_page_of_the_trail_opens_though_people_are_gone(world, client) -> None:
    update_profile(world["rita"], bio="Reader")
    world["rita"].delete()
    client.force_login(User.objects.create_superuser("root", "root@example.org"))
    page = client.get("/admin/audit/auditentry/")
    assert page.status_code == 200
    assert "changed the profile of" in page.content.decode()
    entry = AuditEntry.objects.filter(target_label="rita").first()
    assert client.get(f"/admin/audit/auditentry/{entry.pk}/change/").status_code == 200
    for path in (f"{entry.pk}/delete/", "add/"):
        assert client.get(f"/admin/audit/auditentry/{path}").status_code == 403


def test_titles_forge_no_entry_and_fit(world) -> None:
    title = "A\u2028signed in\u202eroot\x1b[2K" + "x" * 150
    services.edit_post(world["draft"], by=world["ada"], version=1, title=title)
    entry = AuditEntry.objects.filter(verb="edited").get()
    assert entry.target_label.isprintable()
    assert "signed in" in entry.target_label


def test_the_trail_holds_no_address_of_a_person(world) -> None:
    world["rita"].email = "new@example.org"
    world["rita"].save()
    entry = AuditEntry.objects.get(verb="changed the e-mail address of")
    assert "@" not in str(vars(entry))
