"""Sockets, the private reactor, and the public face MockRegistrar (Twisted)."""
