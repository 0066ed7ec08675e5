"""Giving a post away gives the rights of its author along."""

import pytest
from django.contrib.auth.models import Permission
from django.core.exceptions import PermissionDenied

from accounts.models import User
from blog.services import hand_over
from tests.cast import person

pytestmark = pytest.mark.django_db(transaction=True)


def test_who_may_not_publish_a_post_does_not_become_its_author(write, bruno) -> None:
    editor = person("corrector", "Author")
    editor.user_permissions.add(Permission.objects.get(codename="change_post"))
    editor = User.objects.get(pk=editor.pk)
    post = write("On mirrors")
    for to in (editor, bruno):
        with pytest.raises(PermissionDenied):
            hand_over(post, by=editor, to=to)
    editor.user_permissions.add(Permission.objects.get(codename="publish_any_post"))
    assert hand_over(post, by=User.objects.get(pk=editor.pk), to=bruno)
