"""That the database, the queue or the store doesn't answer, whatever library says it how."""


class DownError(Exception):
    """What background analyses need doesn't answer now; it may soon."""
