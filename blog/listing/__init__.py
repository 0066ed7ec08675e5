"""Lists of public posts that stay fast: where each post stands, and how many stand before it."""
