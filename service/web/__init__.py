"""What is answered over HTTP: routes, errors, streams, and their description."""
