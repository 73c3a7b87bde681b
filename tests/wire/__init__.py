"""How values, errors and streams look on the wire."""
