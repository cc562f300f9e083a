"""Test tools as clients: an injection file of SIPp, and the command lines of sipsak and sipexer."""
