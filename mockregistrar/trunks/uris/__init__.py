"""SIP URIs as chan_sip and as pjsip read them."""
