"""Desk phones and adapters: the files that they are provisioned with."""
