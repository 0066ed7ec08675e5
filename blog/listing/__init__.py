"""Lists of public posts that stay fast: what is in which list, and its pages."""
