"""The Docker engine: HTTP over its Unix socket every day, the docker SDK for the rest."""
