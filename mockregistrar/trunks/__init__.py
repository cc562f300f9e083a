"""Registration strings and client configurations: one module for each dialect."""
