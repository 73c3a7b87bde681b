"""The application: what contctl can do, free of terminals and foreign technology."""
