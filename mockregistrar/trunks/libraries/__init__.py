"""Configurations of SIP libraries, as they stand in a program or in JSON: JsSIP, SIP.js, drachtio-srf, pyVoIP."""
