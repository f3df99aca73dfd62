"""Finds dance poses in a video: the analysis as a library."""
