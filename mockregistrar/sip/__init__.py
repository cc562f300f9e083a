"""The wire: SIP grammar, URIs, header fields, messages, framing, digest and transactions (:rfc:`3261`)."""
