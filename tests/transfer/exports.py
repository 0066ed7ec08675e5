"""WXR files as small as a test needs them."""

HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"
 xmlns:excerpt="http://wordpress.org/export/1.2/excerpt/"
 xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:wp="http://wordpress.org/export/1.2/">
<channel><title>Old</title><link>https://old.example</link><wp:wxr_version>1.2</wp:wxr_version>
<wp:author><wp:author_login>ada</wp:author_login><wp:author_email>Ada@Example.org</wp:author_email>
<wp:author_display_name>Ada</wp:author_display_name></wp:author>
"""
TAIL = "</channel></rss>"


def item(number: int = 1, *, inside: str = "", **fields: str) -> str:
    values = {
        "title": f"Post {number}",
        "dc:creator": "ada",
        "content:encoded": "Light.",
        "excerpt:encoded": "",
        "wp:post_id": str(number),
        "wp:post_date_gmt": "2020-02-03 04:05:06",
        "wp:post_name": f"post-{number}",
        "wp:status": "publish",
        "wp:post_type": "post",
    } | {name.replace("__", ":"): value for name, value in fields.items()}
    body = "".join(f"<{name}><![CDATA[{value}]]></{name}>" for name, value in values.items())
    return f"<item>{body}{inside}</item>"


def comment(number: int, parent: int = 0, **fields: str) -> str:
    values = {
        "comment_id": str(number),
        "comment_parent": str(parent),
        "comment_author": f"Reader {number}",
        "comment_content": f"Comment {number}",
        "comment_approved": "1",
        "comment_type": "",
        "comment_date_gmt": "2020-02-04 00:00:00",
    } | fields
    body = "".join(f"<wp:{name}><![CDATA[{value}]]></wp:{name}>" for name, value in values.items())
    return f"<wp:comment>{body}</wp:comment>"
