"""The processes of a site: web, worker and scheduler, who starts them, and how they are."""
