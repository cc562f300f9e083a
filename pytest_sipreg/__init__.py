"""The pytest plugin: fixtures, the sip.conf collector, assertions and the failure report."""
