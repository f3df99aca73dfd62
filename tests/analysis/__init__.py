"""What the model sees, and the command."""
