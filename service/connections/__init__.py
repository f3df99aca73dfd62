"""The connections of the server: their places, their sockets, and who goes on next."""
