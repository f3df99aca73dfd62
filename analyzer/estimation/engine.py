"""The models for several people, loaded once."""


class Engine:
    """Loaded before a process is forked for a video."""
