"""A synthetic source: the database of an application for absence management, and the days it lives through."""
