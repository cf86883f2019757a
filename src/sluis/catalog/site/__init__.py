"""The documentation of a catalogue: a static site in Dutch and English, with CSV and JSON of everything."""
