"""Speed, load and accuracy: each one command that prints a table."""
