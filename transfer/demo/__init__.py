"""The site a newcomer meets: a few people, a dozen posts, one conversation."""
