"""How a video comes in: the upload on its way, its form, and what is asked for."""
