"""A dancer drawn from joint angles, in a scene: films with exact truth for tests and benchmarks."""
