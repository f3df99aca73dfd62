"""Has the Dockerfile build on what the tag of its base image names now, by digest.

The digest is that of the index, which names an image for each architecture.

python -m deploy.base_image
"""

import json
import re
from pathlib import Path
from typing import Any, Final
from urllib.request import Request, urlopen

DOCKERFILE: Final = Path(__file__).resolve().parent.parent / "Dockerfile"
REGISTRY: Final = "https://registry-1.docker.io"
TOKENS: Final = "https://auth.docker.io/token"
SECONDS: Final = 30
INDEX: Final = "application/vnd.oci.image.index.v1+json"

_BASE: Final = re.compile(r"(?<=^FROM python:)([\w.-]+)@(sha256:[0-9a-f]{64})", re.MULTILINE)


def renewed(dockerfile: str, registry: str = REGISTRY, tokens: str = TOKENS) -> str:
    """Give a Dockerfile with the digests that the tags of its Python images have now.

    Args:
        dockerfile: its text.
        registry: where the images are.
        tokens: where a token to read there is given.

    Raises:
        OSError: the registry can't be asked.
        ValueError: it has no index for a tag, but the image of one architecture.
    """
    scope = "service=registry.docker.io&scope=repository:library/python:pull"
    with _asked(f"{tokens}?{scope}") as answer:
        headers = {"Authorization": f"Bearer {json.load(answer)['token']}", "Accept": INDEX}

    def digest(found: re.Match[str]) -> str:
        tag = found[1]
        with _asked(f"{registry}/v2/library/python/manifests/{tag}", headers) as answer:
            if (kind := answer.headers["Content-Type"]) != INDEX:
                raise ValueError(f"python:{tag} is no index of images, but {kind}")
            return f"{tag}@{answer.headers['Docker-Content-Digest']}"

    return _BASE.sub(digest, dockerfile)


def _asked(address: str, headers: dict[str, str] | None = None) -> Any:
    return urlopen(Request(address, headers=headers or {}, method="GET"), timeout=SECONDS)


if __name__ == "__main__":
    DOCKERFILE.write_text(renewed(DOCKERFILE.read_text()))
