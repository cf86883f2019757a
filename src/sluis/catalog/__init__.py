"""What can be delivered: load, check and compare catalogues. Pure Python and pydantic."""
