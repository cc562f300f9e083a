"""Softphones, command lines and env files."""
