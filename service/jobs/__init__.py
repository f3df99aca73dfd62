"""Videos that are analysed, or wait for it: the line, the life of each, the proof that it works."""
