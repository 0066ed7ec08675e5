"""Small exports written here: every kind of item, and every kind of hostility."""

import tracemalloc

import pytest
from django.core.management import CommandError, call_command

from accounts.models import User
from blog.models import Post, Tag
from comments.models import Comment
from tests.transfer.exports import HEAD, TAIL, comment, item
from transfer.wordpress import reader
from transfer.wordpress.importing import import_file
from transfer.wordpress.reader import NotReadable

pytestmark = pytest.mark.django_db(transaction=True)

BOMB = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]><rss>&b;</rss>'
FILE = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><rss>&a;</rss>'


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (BOMB, "declares entities"),
        (FILE, "declares entities"),
        (HEAD + item() + "<item>", "not complete XML"),
        ("GIF89a", "not complete XML"),
        ("", "not complete XML"),
        ("<rss><channel><title>A feed</title></channel></rss>", "not a WordPress export"),
        (HEAD + "<a>" * 200 + "</a>" * 200 + TAIL, "levels deep"),
    ],
)
def test_a_bad_file_is_one_sentence_and_nothing_written(tmp_path, text, sentence) -> None:
    file = tmp_path / "bad.xml"
    file.write_text(text)
    with pytest.raises(CommandError, match=sentence):
        call_command("import_wordpress", str(file))
    assert not Post.objects.exists()
    assert not User.objects.exists()


def test_a_missing_and_a_huge_file_are_sentences(tmp_path, monkeypatch, export) -> None:
    with pytest.raises(NotReadable, match="cannot be read"):
        import_file(tmp_path / "none.xml")
    monkeypatch.setattr(reader, "MAX_BYTES", 10)
    with pytest.raises(NotReadable, match="larger than"):
        import_file(export(item()))


def test_a_large_file_needs_the_memory_of_its_largest_item(export) -> None:
    file = export(*[item(n, content__encoded="light " * 20_000) for n in range(400)])
    assert file.stat().st_size > 45_000_000
    tracemalloc.start()
    assert reader.examine(file).items == 400
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 10_000_000


def test_odd_items_are_mended_and_told(export) -> None:
    report = import_file(
        export(
            item(1, title="x" * 10_000),
            item(2, title="", wp__post_date_gmt="0000-00-00 00:00:00"),
            item(3, wp__status="future"),
            item(4, wp__status="trash"),
            item(5, wp__post_type="product"),
            item(6, content__encoded="light " * 100_000),
            item(7, **{"wp:post_password": "enter"}),
        )
    )
    told = {line.item.split()[1]: (line.outcome, "; ".join(line.notes)) for line in report.lines}
    assert told["1"] == ("imported", "its title was cut to 200 characters")
    assert told["2"] == ("imported", "has no date: it got today's")
    assert "its moment has passed: a draft here" in told["3"][1]
    assert told["4"][0] == told["5"][0] == "left out"
    assert told["6"][0] == "failed"
    assert "200,000 characters" in told["6"][1]
    assert told["7"] == ("imported", "was behind a password: private here")
    assert len(Post.objects.get(source__endswith=":1").title) == 200
    assert Post.objects.get(source__endswith=":3").status == "draft"


def test_nothing_active_survives(export) -> None:
    import_file(
        export(
            item(
                content__encoded="<p onclick='x()'>Hi <script>alert(1)</script>"
                "<a href='javascript:alert(1)'>there</a></p><iframe src='https://x.example'></iframe>"
            )
        )
    )
    post = Post.objects.get()
    assert "script" not in post.body_html.lower()
    assert "onclick" not in post.body_html
    assert "there" in post.body_html


def test_comments_find_their_parents_in_any_order(export) -> None:
    import_file(
        export(
            item(
                inside=comment(3, 2)
                + comment(2, 1)
                + comment(1)
                + comment(4, 99)
                + comment(5, comment_approved="spam")
                + comment(6, comment_type="pingback")
            )
        )
    )
    thread = [(c.body, c.depth, c.status) for c in Comment.objects.all()]
    assert sorted(thread) == [
        ("Comment 1", 0, "approved"),
        ("Comment 2", 1, "approved"),
        ("Comment 3", 2, "approved"),
        ("Comment 4", 0, "approved"),
        ("Comment 5", 0, "spam"),
    ]
    assert Post.objects.get().comment_count == 4


def test_people_and_tags_are_found_again(export, ada) -> None:
    Tag.objects.create(name="Sun", slug="sun")
    tags = '<category domain="post_tag" nicename="sun">SUN</category>'
    tags += '<category domain="category" nicename="uncategorized">Uncategorized</category>'
    tags += '<category domain="category" nicename="r-d">R &amp;amp; D</category>'
    import_file(export(item(inside=tags), item(2, **{"dc:creator": "nobody in particular"})))
    assert Post.objects.get(source__endswith=":1").author == ada, "by address, ignoring case"
    stranger = Post.objects.get(source__endswith=":2").author
    assert stranger.email.endswith("@imported.invalid")
    assert not stranger.has_usable_password()
    assert set(Tag.objects.values_list("name", flat=True)) == {"Sun", "R & D"}


def test_what_was_edited_here_is_left_alone(export) -> None:
    file = export(item())
    import_file(file)
    Post.objects.update(title="Edited here")
    assert import_file(file).outcomes == {"already here": 1}
    assert Post.objects.get().title == "Edited here"
