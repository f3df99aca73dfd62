"""The page for dancers, in a real browser."""
