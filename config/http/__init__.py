"""What stands around Django: bodies, headers, and the sentences of whatever is refused."""
