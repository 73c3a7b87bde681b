"""The use cases that implement the inbound port."""
