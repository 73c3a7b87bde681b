"""The user database as a whole."""
