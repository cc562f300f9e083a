"""Asterisk's configs and strings: chan_sip, IAX2, PJSIP, and the reader of its config files."""
