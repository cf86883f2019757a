"""SFTP both ways: publishing to hosted folders and external servers, and serving the hosted ones."""
