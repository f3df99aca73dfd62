"""A dancer drawn from joint angles: films with exact truth for tests, demo and catalogue."""
