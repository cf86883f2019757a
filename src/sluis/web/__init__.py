"""The web application: a door. It holds no rules."""
