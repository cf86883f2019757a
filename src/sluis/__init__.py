"""Sluis delivers an application database to the organisations that own the data, as versioned CSV datastreams."""

__version__ = "0.1.0"
