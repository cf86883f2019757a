"""Publishing to the folders that receivers see."""
