"""The templates, scripts and lists that deploy it."""
