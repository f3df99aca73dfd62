"""The analysis as a command, here or by a service that runs elsewhere."""
