"""The people every test knows: two authors, an editor, a moderator, an operator, a reader."""

from collections.abc import Callable
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.models import Group

from accounts.models import User
from blog import services
from blog.models import Post, Tag


def person(name: str, *roles: str, **fields: Any) -> User:
    """A user as the site would make one, fresh from the database."""
    user = User.objects.create_user(name, f"{name}@example.org", "correct horse", **fields)
    # Past the signals: nobody made them what they are, so nothing of it is on record.
    joined = Group.objects.filter(name__in=roles)
    User.groups.through.objects.bulk_create(
        [User.groups.through(user=user, group=group) for group in joined]
    )
    EmailAddress.objects.bulk_create(
        [EmailAddress(user=user, email=user.email, verified=True, primary=True)]
    )
    return User.objects.get(pk=user.pk)


@pytest.fixture
def ada(db: None) -> User:
    return person("ada", "Author")


@pytest.fixture
def bruno(db: None) -> User:
    return person("bruno", "Author")


@pytest.fixture
def edith(db: None) -> User:
    return person("edith", "Author", "Editor")


@pytest.fixture
def moss(db: None) -> User:
    return person("moss", "Moderator")


@pytest.fixture
def olga(db: None) -> User:
    return person("olga", "Administrator")


@pytest.fixture
def rita(db: None) -> User:
    return person("rita")


@pytest.fixture
def write(ada: User) -> Callable[..., Post]:
    """Write a post as ada would: `write("Title", tags=["sun"])`, public with `public=True`."""

    def write_post(
        title: str = "On mirrors",
        *,
        author: User = ada,
        tags: tuple[str, ...] | list[str] = (),
        public: bool = False,
        **fields: Any,
    ) -> Post:
        fields.setdefault("body", "A mirror sends the sun's light.")
        post = services.create_post(author, title=title, tags=Tag.find_or_create(tags), **fields)
        if public:
            services.publish(post, by=author)
        return post

    return write_post
