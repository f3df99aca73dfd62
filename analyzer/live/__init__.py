"""One who dances before a camera, told at once what is seen."""
