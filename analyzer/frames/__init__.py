"""Decoding: from a file to upright RGB pictures with square pixels, each at its time."""
