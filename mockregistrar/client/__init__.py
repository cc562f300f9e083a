"""A SIP user agent without I/O: registers, refreshes and unregisters with a known client's manners."""
