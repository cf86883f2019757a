"""The built-in catalogues: each a folder of YAML and SQL, named after its catalogue."""
