"""What the caller is and may."""
