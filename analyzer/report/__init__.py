"""What was found out about a video, for those who asked: as JSON, and drawn into the video."""
