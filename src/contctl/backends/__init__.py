"""The outside technologies, one package or module each, behind the outbound ports."""
