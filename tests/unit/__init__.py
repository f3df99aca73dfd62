"""What needs neither a server nor the model."""
