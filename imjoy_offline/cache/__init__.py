"""The shelf: objects by digest, the lock file and safe archives."""
