"""Whose posts they are: somebody here with the same address, or a new author."""

import hashlib
import re

from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from accounts.models import User
from accounts.services import update_profile
from transfer.text import plain
from transfer.wordpress.records import Person

SOURCE_LENGTH = 300  # characters, as the columns have it
_NOT_IN_A_NAME = re.compile(r"[^\w.+-]+")


class People:
    """The authors of one file; each is looked up or made when first needed."""

    def __init__(self, people: dict[str, Person]) -> None:
        self._people = {_name_of(login): person for login, person in people.items()}
        self._users: dict[str, User] = {}
        self.made: dict[str, None] = {}

    def author(self, login: str) -> User:
        """The user for a WordPress login."""
        name = _name_of(login)  # exports spell one login in several ways
        if name not in self._users:
            self._users[name] = self._find_or_make(self._people.get(name) or Person(login))
        return self._users[name]

    def forget(self) -> None:
        """Look everybody up anew: a transaction that made somebody was taken back."""
        self._users.clear()

    def _find_or_make(self, person: Person) -> User:
        email = _address_of(person)
        # Only the address tells that two people are one: a login may be anybody's here.
        user = User.objects.filter(email__iexact=email).first()
        if user is None:
            user = User.objects.create_user(_free_name(person.login), email)
            user.groups.set(Group.objects.filter(name="Author"))
            if name := plain(person.name)[:100]:
                update_profile(user, display_name=name)
            self.made[user.username] = None
        return user


def source_of(site: str, *parts: str) -> str:
    """The name an item of that site keeps here for good; what is too long ends in a digest."""
    source = ":".join(["wordpress", site, *parts])
    if len(source) <= SOURCE_LENGTH:
        return source
    digest = hashlib.sha256(source.encode()).hexdigest()
    return f"{source[: SOURCE_LENGTH - len(digest)]}{digest}"


def _address_of(person: Person) -> str:
    try:
        validate_email(person.email)
    except ValidationError:
        # RFC 2606 keeps .invalid free: no mail can ever go there by mistake.
        return f"{_name_of(person.login)}@imported.invalid"
    return person.email.lower()


def _name_of(login: str) -> str:
    return _NOT_IN_A_NAME.sub("-", login).strip("-.")[:100].lower() or "author"


def _free_name(login: str) -> str:
    base = name = _name_of(login)
    number = 1
    while User.objects.filter(username__iexact=name).exists():
        number += 1
        name = f"{base}-{number}"
    return name
