"""Building the demo site through the same doors as everybody else."""

from datetime import timedelta

from allauth.account.models import EmailAddress
from django.contrib.auth.models import Group
from django.utils import timezone

from accounts.models import User
from accounts.services import update_profile
from blog.models import Post, Tag
from blog.services import create_post, feature, import_post, schedule
from comments.models import Comment
from comments.services import import_comment
from transfer.demo.stories import Story, stories

# name: (what readers see, roles, about them)
PEOPLE = {
    "ada": ("Ada Linde", ["Author"], "Writes about light, and about gardens that have too much."),
    "bruno": ("Bruno Reis", ["Author"], "Builds small tools and explains them."),
    "edith": ("Edith Maar", ["Author", "Editor"], "Edits this site."),
    "moss": ("Moss Okafor", ["Moderator"], ""),
    "rita": ("Rita Sol", [], ""),
}

# Who, what, which earlier comment it answers, approved?
CONVERSATION = [
    ("rita", "A hundred and eighty-three miles! Where can one see such a mirror?", None, True),
    ("ada", "The signal museum has two, and on Sundays you may flash your name.", 0, True),
    ("rita", "Then I know what I do on Sunday. Thank you.", 1, True),
    ("bruno", "*Wait for the answer* is the best definition of a commit I know.", None, True),
    ("rita", "How did they send numbers?", None, False),
]


def build(password: str) -> None:
    """Make people, posts and a conversation; nobody is mailed."""
    people = {name: _person(name, password) for name in PEOPLE}
    _administrator(password)
    for story in stories():
        _tell(story, people[story.author])
    _talk(Post.objects.get(title="What a mirror can say"), people)


def _person(name: str, password: str) -> User:
    shown, roles, about = PEOPLE[name]
    user = User.objects.create_user(name, f"{name}@example.org", password)
    user.groups.set(Group.objects.filter(name__in=roles))
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    update_profile(user, display_name=shown, bio=about)
    return User.objects.get(pk=user.pk)


def _administrator(password: str) -> None:
    admin = User.objects.create_superuser("admin", "admin@example.org", password)
    EmailAddress.objects.create(user=admin, email=admin.email, verified=True, primary=True)


def _tell(story: Story, author: User) -> None:
    tags = Tag.find_or_create(story.tags)
    texts = {"title": story.title, "summary": story.summary, "body": story.body}
    moment = timezone.now() - timedelta(days=story.days)
    if story.state == "published":
        # As if imported: it is no news, and its date is in the past.
        post = import_post(
            author,
            tags=tags,
            status=Post.Status.PUBLISHED,
            created_at=moment,
            published_at=moment,
            **texts,
        )
        if story.featured:
            feature(post, by=None)
        return
    post = create_post(author, tags=tags, **texts)
    if story.state == "scheduled":
        schedule(post, by=author, at=moment)


def _talk(post: Post, people: dict[str, User]) -> None:
    said: list[Comment] = []
    for number, (name, body, answers, approved) in enumerate(CONVERSATION):
        # As if imported: approving it now would mail these people, who do not exist.
        comment = import_comment(
            post,
            body=body,
            parent=None if answers is None else said[answers],
            author=people[name],
            author_name=people[name].public_name,
            status=Comment.Status.APPROVED if approved else Comment.Status.PENDING,
            created_at=timezone.now() - timedelta(days=2, hours=-number),
        )
        said.append(comment)
