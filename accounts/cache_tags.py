"""The cache tags of people: what pages depend on that show somebody."""


def name(user_pk: int) -> str:
    """Somebody's name and address."""
    return f"name:{user_pk}"


def picture(user_pk: int) -> str:
    """Somebody's picture."""
    return f"picture:{user_pk}"


def bio(user_pk: int) -> str:
    """What somebody says of themselves."""
    return f"bio:{user_pk}"


def person(user_pk: int) -> tuple[str, str, str]:
    """All that readers see of somebody."""
    return name(user_pk), picture(user_pk), bio(user_pk)
