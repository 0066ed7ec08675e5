"""What lists of public posts are called; names of lists are cache tags too, but for the site's."""

SITE = "site"


def of_author(pk: int) -> str:
    """The name of the list of somebody's posts; `pk` is the user's."""
    return f"author:{pk}"


def of_tag(pk: int) -> str:
    """The name of the list of a tag's posts."""
    return f"tag:{pk}"
