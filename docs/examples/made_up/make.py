"""Prints a made-up trunk in three dialects, and two mistakes in the first."""

from faker import Faker

from mockregistrar.fake import SipProvider

fake = Faker()
fake.add_provider(SipProvider)
fake.seed_instance(4711)

print(fake.sip_carrier(), fake.sip_number())
trunk = fake.sip_trunk("freeswitch", nasty=True, transport="udp")
for dialect in ("asterisk", "baresip", "freeswitch"):
    print(fake.sip_registration_string(dialect, trunk))

text = fake.sip_registration_string("asterisk", trunk)
for kind in ("at-missing", "host-doubled"):
    typo = fake.sip_typo(text, "asterisk", kind)
    print(typo.description)
    print(typo.text)
