"""HTTP over a socket, as far as an engine's client and a gateway's need the same of it."""
