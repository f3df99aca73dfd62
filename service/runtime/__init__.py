"""What the service runs with: its settings, its log, its figures, its protection on ECS."""
