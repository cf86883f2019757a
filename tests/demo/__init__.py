"""Tests of the synthetic source application."""
