"""A real server, and what is asked of it."""
