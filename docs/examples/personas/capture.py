"""Stands in for tcpdump at a real carrier: writes acme.pcap."""

from mockregistrar import MockRegistrar, write_pcap

carrier = MockRegistrar(persona=["kamailio", "one-time-nonce"], domains="sip.acme.example", max_expires=3600)
with carrier, open("acme.pcap", "wb") as file:
    for expiry in (10, 3600, 604_800):
        phone = carrier.user_agent("trunk1", expiry=expiry)
        phone.register()
        phone.refresh()
    phone.unregister()
    write_pcap(carrier.records(), file)
