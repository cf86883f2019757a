"""Tests of the built-in catalogue."""
