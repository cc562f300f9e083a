"""Measures the mock carrier beside a plain Twisted echo and, where it is installed, Kamailio. See README.md."""
