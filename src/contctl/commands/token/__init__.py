"""Tokens for CI jobs and scripts."""
