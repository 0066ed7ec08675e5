"""What readers ask for: pages, lists, feeds, sitemaps, and posts as Markdown."""
