"""Switches and proxies that log in as clients."""
