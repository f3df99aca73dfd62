"""Which kinds of files are read, and what a file that can't be read seems to be."""

from typing import Final

CONTAINERS: Final = (
    *("mov", "mp4", "m4a", "3gp", "3g2", "mj2", "matroska", "webm", "avi", "mpegts", "mpeg"),
    *("flv", "asf", "ogg", "mxf", "dv", "gif", "apng"),
    *("mpegvideo", "m4v", "h264", "hevc", "obu", "ivf"),
)
"""FFmpeg's names of the container formats that are read: those that name no other file."""

HEAD: Final = 4096
"""Bytes at the beginning of a file that tell what it is."""

_NAMED: Final = (
    (4, b"ftyp", "an MP4 or QuickTime file"),
    (4, b"moov", "an MP4 or QuickTime file"),
    (4, b"mdat", "an MP4 or QuickTime file"),
    (0, b"\x1aE\xdf\xa3", "a Matroska or WebM file"),
    (8, b"AVI ", "an AVI file"),
    (0, b"GIF8", "a GIF"),
    (0, b"OggS", "an Ogg file"),
    (0, b"FLV", "an FLV file"),
    (0, b"0&\xb2u", "a Windows Media file"),
    (0, b"\x00\x00\x01\xba", "an MPEG file"),
    (0, b"\x06\x0e\x2b\x34", "an MXF file"),
)

_STILL: Final = (
    (0, b"\xff\xd8\xff", "JPEG"),
    (0, b"\x89PNG", "PNG"),
    (8, b"WEBP", "WebP"),
    (0, b"BM", "BMP"),
    (0, b"II*\0", "TIFF"),
    (0, b"MM\0*", "TIFF"),
)

_STILL_BRANDS: Final = {b"heic": "HEIC", b"heix": "HEIC", b"mif1": "HEIF", b"avif": "AVIF"}
"""Brands of the files of pictures that are built like MP4."""

_SEQUENCE_BRANDS: Final = {b"msf1", b"hevc", b"hevx", b"avis"}
"""Brands of those that hold a sequence of pictures, as a video does."""


def still_picture(head: bytes) -> str | None:
    """Name the format of a still picture by the first bytes of its file; None for other files."""
    if head[4:8] == b"ftyp":
        size = int.from_bytes(head[:4], "big")
        brands = {head[place : place + 4] for place in (8, *range(16, min(size, len(head)), 4))}
        return None if brands & _SEQUENCE_BRANDS else _STILL_BRANDS.get(head[8:12])
    if head.startswith(b"\x89PNG") and b"acTL" in head:
        return None
    for offset, magic, name in _STILL:
        if head[offset : offset + len(magic)] == magic:
            return name
    return None


def why_not_a_video(head: bytes) -> str:
    """Say in a sentence why a file that begins so, and can't be read, is no video to analyse."""
    if not head:
        return "The file is empty; send a video file."
    if still := still_picture(head):
        return why_a_still(still)
    for offset, magic, name in _NAMED:
        if head[offset : offset + len(magic)] == magic:
            return (
                f"The file is {name} without a video that can be read (only sound, an unknown "
                "codec, frames far too large, cut off, damaged); send it as H.264 in an MP4 file."
            )
    return "The file is not a video that can be read; send an MP4, MOV, WebM, MKV, AVI or GIF file."


def why_a_still(name: str) -> str:
    """Say in a sentence that a still picture is no video."""
    return f"The file is a still picture ({name}), not a video; send a video of a second or more."
