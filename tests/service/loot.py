"""What hostile code looks for where it has no business."""

from typing import Final

TOKEN: Final = ("the-token-", "of-somebody-else")
"""In two parts, so that no file has it."""

UPLOAD: Final = b"an upload of somebody else"
