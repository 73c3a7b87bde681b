"""Kubernetes clusters behind contctl's `Engine` port, through the official client."""
