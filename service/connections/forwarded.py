"""Whom a request comes from, where proxies stand between: by what they add, and nothing else."""

from collections.abc import Iterable
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment


def forwarded(addresses: str, proxies: int) -> str:
    """Give the address that the outermost of the trusted proxies was called from.

    Each proxy adds at the end the address that called it, some with its port; whatever comes
    before is the caller's own, be it empty, quoted or no address. So it is only counted from the
    end, comma by comma.

    Args:
        addresses: all lines of X-Forwarded-For in their order, joined by commas.
        proxies: that are trusted, one at least.

    Returns:
        The address without a port; nothing if there are fewer addresses than proxies.
    """
    listed = addresses.split(",")
    return _without_port(listed[-proxies].strip()) if len(listed) >= proxies else ""


def _without_port(address: str) -> str:
    """An address as some proxies write it: 203.0.113.7:4711, or [2001:db8::1]:4711."""
    if address.startswith("["):
        return address[1:].partition("]")[0]
    # One of IPv6 has more colons than one.
    return address.partition(":")[0] if address.count(":") == 1 else address


class Forwarded:
    """An application whose requests come from the address that the trusted proxies tell."""

    def __init__(self, application: WSGIApplication, proxies: int) -> None:
        self._application = application
        self._proxies = proxies

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request."""
        address = forwarded(environ.get("HTTP_X_FORWARDED_FOR", ""), self._proxies)
        if address:
            environ["REMOTE_ADDR"] = address
        return self._application(environ, start_response)
