"""The same command lines given to docker's own program and to contctl, on one engine."""
