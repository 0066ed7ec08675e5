"""What real exports do that the format does not say."""

import time

import pytest
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command

from accounts.models import User
from blog.models import Post, Tag
from comments.models import Comment
from tests.transfer.exports import HEAD, TAIL, comment, item
from transfer.wordpress import conversation, reader
from transfer.wordpress.importing import import_file

pytestmark = pytest.mark.django_db(transaction=True)


def imported(number: int = 1) -> Post:
    return Post.objects.get(source=f"wordpress:https://old.example:{number}")


def test_a_dry_run_tells_the_same_and_writes_nothing(export, capsys, mailoutbox) -> None:
    file = export(
        item(1, inside=comment(1) + '<category domain="post_tag" nicename="a">A</category>'),
        item(2, **{"dc:creator": "bruno"}),
        item(3, **{"dc:creator": "bruno", "wp:status": "trash"}),
    )
    call_command("import_wordpress", str(file), "--dry-run")
    told = capsys.readouterr().out
    for model in (Post, Comment, Tag, User):
        assert not model.objects.exists()
    assert "nothing was written" in told
    call_command("import_wordpress", str(file))
    assert capsys.readouterr().out == told.replace("This was a dry run: nothing was written.\n", "")
    assert mailoutbox == []


def test_dates_never_make_news_or_lose_their_place(export) -> None:
    report = import_file(
        export(
            item(1, **{"wp:post_date_gmt": "8035-01-01 00:00:00"}),
            item(2, **{"wp:status": "private"}),
            item(3, **{"wp:post_date_gmt": "nonsense", "wp:post_date": "2011-12-13 14:15:16"}),
            item(4, **{"wp:post_date_gmt": "0001-01-01 00:00:00"}),
            item(5, **{"wp:post_date_gmt": "", "pubDate": "Tue, 18 Jan 2011 07:40:14 +0200"}),
        )
    )
    assert imported(1).status == "scheduled"
    assert imported(1).publish_at.year == 8035
    assert "scheduled" in report.lines[0].notes[0]
    assert imported(2).status == "private"
    assert imported(2).published_at.year == 2020, "made public one day, it is not news"
    assert imported(3).published_at.isoformat() == "2011-12-13T14:15:16+00:00"
    assert imported(4).published_at.year > 2000
    assert imported(5).published_at.isoformat() == "2011-01-18T05:40:14+00:00"


def test_numbers_given_twice_or_not_at_all(export) -> None:
    inside = comment(5) + comment(5, comment_content="again") + comment("") + comment("", 5)
    file = export(item(1, inside=inside), item(1), item(2, **{"wp:post_id": ""}))
    report = import_file(file)
    assert report.outcomes == {"imported": 2, "left out": 1}
    assert report.lines[1].notes == ["an earlier item of the file has this number"]
    assert report.comments == {"imported": 3, "left out": 1}
    assert report.lines[0].notes == ["comment 5 stands there twice; the first one counts"]
    again = import_file(file)
    assert again.outcomes == {"already here": 2, "left out": 1}
    assert again.comments == {"already here": 3, "left out": 1}


def test_a_longer_export_later_adds_what_is_new(export) -> None:
    import_file(export(item(1, inside=comment(1))))
    report = import_file(export(item(1, inside=comment(1) + comment(2, 1)), item(2)))
    assert report.outcomes == {"already here": 1, "imported": 1}
    assert report.comments == {"already here": 1, "imported": 1}
    assert Comment.objects.get(body="Comment 2").parent.body == "Comment 1"


def test_a_bad_comment_stops_no_other_and_shows(export, monkeypatch, capsys) -> None:
    real = conversation.import_comment

    def refuse_one(post, **fields):
        if fields["body"] == "Comment 1":
            raise ValueError("no room")
        return real(post, **fields)

    monkeypatch.setattr(conversation, "import_comment", refuse_one)
    with pytest.raises(CommandError, match="1 failed"):
        call_command(
            "import_wordpress", str(export(item(1, inside=comment(1) + comment(2, 1)), item(2)))
        )
    out = capsys.readouterr().out
    assert "comment 1 failed: ValueError: no room" in out
    assert "2 comments: 1 failed, 1 imported." in out
    assert Post.objects.count() == 2


def test_comments_keep_their_order_and_only_real_addresses(export) -> None:
    late = comment(1, 2, comment_date_gmt="2020-03-01 00:00:00")  # answers 2, which answers 1
    early = comment(2, 1, comment_date_gmt="2020-02-01 00:00:00", comment_author_email="nobody")
    root = comment(3, comment_date_gmt="2020-01-01 00:00:00", comment_author_email="r@example.org")
    import_file(
        export(item(1, inside=late + early + root + comment(4, comment_content="x " * 9_000)))
    )
    told = list(Comment.objects.in_thread_order().values_list("body", "author_email"))
    assert [body for body, _ in told[:2]] == ["Comment 3", "x " * 2_499 + "x…"]
    assert sorted(told[2:]) == [("Comment 1", ""), ("Comment 2", "")], "a circle is cut once"
    assert told[0][1] == "r@example.org"


def test_addresses_keep_their_letters(export) -> None:
    import_file(export(item(1, **{"wp:post_name": "%ce%b1%ce%b2-1"}), item(2)))
    assert imported(1).slug == "αβ-1"


def test_shortcodes_become_what_they_showed(export) -> None:
    body = """[caption width="9"]<img src="https://old.example/a.jpg" alt="A"> In the sun[/caption]

[sourcecode language="python"]
if a < b:
    print("&amp;")
[/sourcecode]

[gallery ids="7,8"]

[youtube https://video.example/v?x=1]

[contact-form-7 id="1"] [su_box title="x"]inside[/su_box] [sic]

<!--more-->

rest"""
    picture = item(7, **{"wp:post_type": "attachment", "wp:status": "inherit", "title": "Seven"})
    picture = picture.replace(
        "</item>", "<wp:attachment_url>https://old.example/7.jpg</wp:attachment_url></item>"
    )
    report = import_file(export(item(1, content__encoded=body), picture))
    assert imported(1).body.split("\n\n") == [
        "![A](https://old.example/a.jpg) *In the sun*",
        '```python\nif a < b:\n    print("&")\n```',
        "![Seven](https://old.example/7.jpg)",
        "<https://video.example/v?x=1>",
        '\\[su_box title="x"\\]inside\\[/su_box\\] \\[sic\\]',
        "rest",
    ]
    line = report.lines[0]
    assert line.notes == [
        "[contact-form-7] left out",
        "[su_box] stays as text",
        "2 images stay at their old address",
    ]
    assert line.images == ["https://old.example/a.jpg", "https://old.example/7.jpg"]


def test_summaries_are_words(export) -> None:
    more = "[gallery]<p>Sun &amp; <b>shade</b></p><!--more--> rest"
    import_file(
        export(item(1, content__encoded=more), item(2, excerpt__encoded="<i>so</i> " * 400))
    )
    assert imported(1).summary == "Sun & shade"
    assert imported(2).summary.endswith("so…")
    assert len(imported(2).summary) <= 500


def test_control_characters_do_not_spoil_a_file(export) -> None:
    import_file(export(item(1, content__encoded="bell \x07here")))
    assert imported(1).body == "bell here"


def test_utf_16_is_xml_too(tmp_path) -> None:
    file = tmp_path / "wide.xml"
    text = HEAD.replace("UTF-8", "UTF-16") + item(1, title="Ω") + TAIL
    file.write_bytes(text.encode("utf-16"))
    import_file(file)
    assert imported(1).title == "Ω"


@pytest.mark.slow
def test_one_endless_token_is_read_in_time(tmp_path) -> None:
    file = tmp_path / "long.xml"
    file.write_text(f"{HEAD}<!--{'x' * 30_000_000}-->{item(1)}{TAIL}")
    begun = time.perf_counter()
    assert reader.examine(file).items == 1
    assert time.perf_counter() - begun < 20


def test_long_addresses_stay_apart(export) -> None:
    long = "https://old.example/" + "x" * 400
    file = export(*(item(n, **{"wp:post_id": "", "guid": f"{long}{n}"}) for n in (1, 2)))
    assert import_file(file).outcomes == {"imported": 2}
    assert import_file(file).outcomes == {"already here": 2}


def test_a_site_without_the_author_group_takes_posts(export) -> None:
    Group.objects.filter(name="Author").delete()
    assert import_file(export(item(1))).outcomes == {"imported": 1}


def test_images_are_listed_when_asked_for(export, capsys) -> None:
    file = export(item(1, content__encoded='<img src="https://old.example/a.jpg">'))
    call_command("import_wordpress", str(file), "--dry-run", verbosity=2)
    assert "  https://old.example/a.jpg" in capsys.readouterr().out
