"""What is made up for tests: it is nobody's, it follows from the seed, and what is made for a dialect is read in it."""

from __future__ import annotations

import re
from ipaddress import ip_address, ip_network

import pytest
from faker import Faker

import mockregistrar
from mockregistrar.fake import SipProvider
from mockregistrar.trunks import CannotRender, Trunk, explain, registry
from mockregistrar.trunks.typos import KINDS, DoesNotApply

WRITTEN = [name for name in registry.names() if registry.renders(name)]
UNWRITTEN = [name for name in registry.names() if not registry.renders(name)]
NOT_WRITTEN = r"did you mean 'asterisk'|is read here, but not written"
MANY = 60


def faker(seed=0, locale=None):
    made = Faker(locale)
    made.add_provider(SipProvider)
    made.seed_instance(seed)
    return made


@pytest.fixture
def fake():
    return faker()


def everything(fake):
    """Call everything that makes something up."""
    names = sorted(name for name in vars(SipProvider) if name.startswith("sip_") and "typo" not in name)
    assert len(names) == 10
    found = [getattr(fake, name)() for name in names for _ in range(3)]
    found += [fake.sip_secret(nasty=True), fake.sip_secret("baresip", nasty=True), fake.sip_host(address=True)]
    text = fake.sip_config("freeswitch")
    return [*found, fake.sip_typo(text, "freeswitch"), fake.sip_typos(text, "freeswitch")[-1]]


# --- all of it


def test_it_follows_from_the_seed_alone():
    assert everything(faker(7)) == everything(faker(7)) == everything(faker(7, "ja_JP"))
    assert everything(faker(7)) != everything(faker(8))


def test_it_is_the_front_door_s_too():
    assert mockregistrar.SipProvider is SipProvider


def test_every_method_of_it_has_its_prefix():
    assert [name for name in vars(SipProvider) if not name.startswith(("_", "sip_"))] == []


# --- values


def test_users(fake):
    users = {fake.sip_user() for _ in range(MANY)}
    assert len(users) > MANY // 2
    for user in users:
        assert re.fullmatch(r"[1-9][0-9]{2,7}|[1-9][0-9]{6}e0|[1-9][0-9]{5}_sub[0-9]|trunk[1-9]|dialer[1-9][0-9]", user)


def test_extensions(fake):
    assert all(re.fullmatch(r"[1-9][0-9]{1,3}", fake.sip_extension()) for _ in range(MANY))


def test_plain_secrets(fake):
    secrets = {fake.sip_secret() for _ in range(MANY)}
    assert len(secrets) == MANY
    assert all(re.fullmatch(r"[A-Za-z0-9]{10,14}", secret) for secret in secrets)
    assert re.fullmatch(r"[A-Za-z0-9]{10,14}", fake.sip_secret("freeswitch"))


def test_names_are_nobodys(fake):
    for _ in range(MANY):
        assert re.fullmatch(r"[a-z]+\.example", fake.sip_domain())
        assert re.fullmatch(r"[a-z]+[0-9]?\.[a-z]+\.example", fake.sip_host())
        assert re.fullmatch(r"[A-Z][a-z]+ [A-Z][A-Za-z]+", fake.sip_carrier())


def test_addresses_are_those_for_documentation(fake):
    networks = [ip_network(name) for name in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24")]
    for _ in range(MANY):
        address = ip_address(fake.sip_host(address=True))
        assert any(address in network for network in networks)


FICTION = re.compile(
    r"\+1[2-9][0-9]{2}55501[0-9]{2}"  # 555-0100 to 555-0199
    r"|\+442079460[0-9]{3}|\+441632960[0-9]{3}|\+447700900[0-9]{3}"
    r"|\+3319900[0-9]{4}|\+3363998[0-9]{4}"
    r"|\+493023125[0-9]{3}|\+498999998[0-9]{3}"
)


def test_numbers_are_kept_for_fiction(fake):
    numbers = {fake.sip_number() for _ in range(4 * MANY)}
    assert all(FICTION.fullmatch(number) for number in numbers)
    assert all(len(number) <= 16 for number in numbers)  # E.164: fifteen digits
    assert {number[:3] for number in numbers} >= {"+12", "+44", "+33", "+49"}


# --- for a dialect


@pytest.mark.parametrize("dialect", WRITTEN)
def test_trunks_are_read_as_they_are(dialect):
    fake = faker()
    for nasty in (False, True):
        for _ in range(8):
            trunk = fake.sip_trunk(dialect, nasty)
            parsed = explain(registry.render(dialect, trunk), dialect=dialect).parsed
            assert parsed.ok
            assert parsed.worst != "error", parsed.findings
            read = parsed.registrations[0].trunk
            assert (read.user, read.secret, read.host) == (trunk.user, trunk.secret, trunk.host)
            assert (read.effective_auth_user, read.aor_host) == (trunk.effective_auth_user, trunk.aor_host)
            assert trunk.secret.isalnum() != nasty


@pytest.mark.parametrize("dialect", [name for name in WRITTEN if name != "asterisk-iax2"])
def test_plain_trunks_are_no_false_alarm(dialect):
    fake = faker()
    for _ in range(8):
        for text in (fake.sip_registration_string(dialect), fake.sip_config(dialect)):
            parsed = explain(text, dialect=dialect).parsed
            loud = [finding for finding in parsed.findings if finding.severity != "hint"]
            assert loud == [], text


@pytest.mark.parametrize("dialect", WRITTEN)
def test_nasty_secrets_can_be_written(dialect):
    fake = faker()
    special = set()
    for _ in range(12):
        secret = fake.sip_secret(dialect, nasty=True)
        special |= {character for character in secret if not character.isalnum()}
        assert secret[:2].isalnum()
        assert secret[-2:].isalnum()
        assert not secret.isalnum()
    assert len(special) > 5


@pytest.mark.parametrize(
    ("dialect", "never"),
    [
        ("vicidial", ";"),
        ("freeswitch", ":"),
        ("iax2", "@:"),
        ("baresip", '"'),
        ("asterisk-chan_sip-1.4", ":"),
    ],
)
def test_a_nasty_secret_holds_nothing_that_its_dialect_cannot_write(dialect, never):
    fake = faker()
    secrets = [fake.sip_secret(dialect, nasty=True) for _ in range(MANY)]
    assert [secret for secret in secrets if set(secret) & set(never)] == []


@pytest.mark.parametrize(
    ("dialect", "careful"), [("chan_sip", ":/;?"), ("pjsip", ";"), ("freeswitch", '"&<'), ("baresip", "; ")]
)
def test_a_nasty_secret_holds_what_its_dialect_must_escape(dialect, careful):
    fake = faker()
    secrets = [fake.sip_secret(dialect, nasty=True) for _ in range(MANY)]
    assert all(any(character in secret for secret in secrets) for character in careful)


def test_a_nasty_secret_for_no_dialect(fake):
    assert all(re.search(r"[^A-Za-z0-9]", fake.sip_secret(nasty=True)) for _ in range(MANY))


def test_fields_of_ones_own(fake):
    trunk = fake.sip_trunk("asterisk", user="100", transport="tcp", port=5090, secret="hunter22")
    assert (trunk.user, trunk.transport, trunk.port, trunk.secret) == ("100", "tcp", 5090, "hunter22")
    assert fake.sip_trunk(host="sip.acme.example").host == "sip.acme.example"
    with pytest.raises(TypeError):
        fake.sip_trunk(passwd="x")


def test_fields_that_cannot_be_written_are_refused(fake):
    with pytest.raises(CannotRender) as caught:
        fake.sip_trunk("vicidial", secret="hun;ter22")
    assert caught.value.character == ";"
    with pytest.raises(CannotRender):
        fake.sip_trunk("asterisk-chan_sip-1.4", transport="tls")


def test_strings_and_configs(fake):
    assert fake.sip_registration_string().startswith("register => ")
    assert fake.sip_config().startswith("[general]\nregister => ")
    for dialect in WRITTEN:
        trunk = fake.sip_trunk(dialect)
        assert fake.sip_registration_string(dialect, trunk) == registry.render(dialect, trunk)
        assert fake.sip_config(dialect, trunk) == registry.render_config(dialect, trunk)
    assert re.search(r"[^A-Za-z0-9]", fake.sip_trunk("asterisk", nasty=True).secret)


@pytest.mark.parametrize("method", ["sip_trunk", "sip_registration_string", "sip_config"])
@pytest.mark.parametrize("dialect", ["astersk", *UNWRITTEN])
def test_dialects_that_are_not_written_are_refused(fake, method, dialect):
    with pytest.raises(ValueError, match=NOT_WRITTEN):
        getattr(fake, method)(dialect)
    with pytest.raises(ValueError, match=NOT_WRITTEN):
        fake.sip_secret(dialect, nasty=True)


# --- typos


def test_a_typo_of_any_kind(fake):
    text = fake.sip_registration_string("asterisk")
    made = [fake.sip_typo(text, "asterisk") for _ in range(20)]
    assert len({each.kind for each in made}) > 8
    assert all(each.text != text and each.kind in KINDS for each in made)


def test_a_typo_of_a_kind(fake):
    text = "register => 100:hunter22@sip.acme.example"
    assert fake.sip_typo(text, "asterisk", "at-missing").text == "register => 100:hunter22sip.acme.example"
    with pytest.raises(DoesNotApply, match="port-letter: the text has no 0 in its port"):
        fake.sip_typo(text, "asterisk", "port-letter")
    with pytest.raises(ValueError, match="there is no kind of typo"):
        fake.sip_typo(text, "asterisk", "at-mising")
    with pytest.raises(DoesNotApply, match="no mistake can be made in this text"):
        fake.sip_typo("", "asterisk")


def test_typos_of_each_kind_in_their_order(fake):
    text = fake.sip_config("freeswitch", Trunk("100", "sip.acme.example", secret="hunter22"))
    kinds = [each.kind for each in fake.sip_typos(text, "freeswitch")]
    assert kinds == [kind for kind in KINDS if kind in kinds]
    assert len(kinds) > 40
