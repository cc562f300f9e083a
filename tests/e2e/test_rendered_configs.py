"""Real clients are the judges: of the configs that are written here, and of what is said about mistaken ones.

The first half gives clients configs as an account writes them, with secrets and names full of special characters: each
must come in at its first try, and what cannot be written must be refused before. The second half gives them texts with
mistakes: the carrier gets an account that is exactly what `explain` reads there, and the client must be let in.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

import pytest
from clients import Baresip, KamailioUac, Linphone, PyVoip, Sipsak, Twinkle
from clients.base import Client
from clients.pjsua import Pjsua
from clients.sides import NONCE_AGAIN, Launch, NewCarrier, awaited, outcomes
from clients.sipp import SippInjected

from mockregistrar import Account, MockRegistrar
from mockregistrar.trace import Refused, Registered
from mockregistrar.trunks import CannotRender, explain, registry
from mockregistrar.trunks.servers import kamailio_uacreg

JUDGES: tuple[type[Client], ...] = (
    Baresip,
    Linphone,
    SippInjected,
    Sipsak,
    KamailioUac,
    Twinkle,
    PyVoip,
    Pjsua,
)
judges = pytest.mark.parametrize("kind", JUDGES, ids=lambda kind: kind.name)

ASCII = "".join(c for c in map(chr, range(32, 127)) if not c.isalnum())
BEYOND = "é€😀\u00a0"
PLACED = [secret for c in ASCII + BEYOND for secret in (f"{c}ab1", f"a{c}b1", f"ab1{c}", f"a{c}{c}b{c}1")]
"""Every special character at the beginning, in the middle, at the end, and more than once."""
PACKED = [(ASCII + BEYOND)[n:] + (ASCII + BEYOND)[:n] for n in range(0, len(ASCII), 5)]
"""All of them in one secret, each time with others at its ends."""
SYNTAX = [
    *("0x41", "0xzz", "$$", "$HOME", "${x}", "`id`", "$(id)", "!!", "~root", "%41", "%40", "%s%d", "100%", "%%"),
    *("\\x41", "\\\\x41", "\\n", "\\", "ab\\", "a;b\\", "a b\\", "p'a\"b\\c", "'ab'", "'", "ab'"),
    *('"ab"', '"', 'ab"', '"a"b"'),
    *("-", "--", "-a", "--password=x", "=", "a=b", "password=x", "x username=y", "[field1]", "[call_id]", "a]b[c"),
    *("a;regint=0", "a;OUTBOUND = sip:h", "a;b", ";", "# note", "x # note", "x ; note", "//", "/*x*/", "<x>", "</a>"),
    *("&amp;", "&#65;", "null", "None", ".", "0", "yes", "a,b", "{x}", "a:b:c", "a@b.example", "ta\tb", "a  b", "\x7f"),
    "x" * 63,
]
"""What means something to somebody: numbers, variables, escapes, options, comments, entities, keywords."""
USERS = [
    *("a@b.example", "+49-30/1", "a b", "a;b", "a?b", "a,b", "a:b", "100%", "%41", "a&b=c", "<a>", "a[b"),
    *('a"b', "a\\b"),
    *("ünï", "0x41", "#1", "-a", "/a", "a|b", "a'b", "a~b"),
]
"""Names with a domain, numbers, and whatever a URI or a quoted string cannot hold as it is."""
SLOW = (Linphone, PyVoip)
"""Clients that take a tenth of a second for each account."""


def never(_: str) -> bool:
    return False


SECRETS_REFUSED: dict[type[Client], Callable[[str], bool]] = {
    Baresip: lambda secret: '"' in secret or secret in ("a;regint=0", "a;OUTBOUND = sip:h"),
    Linphone: lambda secret: secret.endswith(" "),
    Twinkle: lambda secret: secret != secret.strip(" "),
    Sipsak: lambda secret: secret == "-",
}
"""Secrets that a client has no way to be told."""
USERS_REFUSED: dict[type[Client], Callable[[str], bool]] = {
    Linphone: lambda user: any(c in user for c in ",;?"),
    Twinkle: lambda user: not user.isascii() or user.startswith("/"),
    PyVoip: lambda user: not user.isascii() or any(c in user for c in '"#%:<>@[\\| '),
    Pjsua: lambda user: "%" in user,
}
"""Users that a client would not write into a URI as they must stand there."""


def settings(kind: type[Client], transport: str = "udp") -> dict[str, object]:
    """The settings of a carrier for a client."""
    found = dict(kind.settings)
    if kind is PyVoip:
        found["domains"] = ()  # it takes the server for the domain
    if kind is Linphone and transport == "tls":
        found["advertise"] = "localhost"  # its TLS knows names in certificates, but no addresses
    return found


def written(kind: type[Client], accounts: Sequence[Account], transport: str = "udp") -> str:
    """The configuration of accounts, for a client."""
    trunks = [account.trunk(transport) for account in accounts]
    if kind is KamailioUac:
        return kamailio_uacreg.render_db_text(trunks)  # no server for a database is needed to read it
    if len(accounts) == 1:
        return accounts[0].config(kind.dialect, transport=transport)
    return registry.render_all(kind.dialect, trunks)


def renderable(kind: type[Client], account: Account) -> bool:
    with suppress(CannotRender):
        return bool(written(kind, [account]))
    return False


def log_in(kind: type[Client], carrier: MockRegistrar, accounts: Sequence[Account], launch: Launch) -> dict[str, str]:
    """Let clients log in to all of the accounts; returns why not for those that did not come in."""
    failed: dict[str, str] = {}
    for start in range(0, len(accounts), kind.at_once):
        group = accounts[start : start + kind.at_once]
        with outcomes(carrier, group) as seen:
            client = launch(kind, carrier, group[0], config=written(kind, group))
        client.stop()
        failed |= {account.name: seen.get(account.name, "nothing") for account in group}
    return {name: why for name, why in failed.items() if why != "registered"}


def refusals(carrier: MockRegistrar) -> set[str]:
    """Why anything was refused that a client does not put right by itself."""
    return {refusal.because for refusal in carrier.refusals()} - NONCE_AGAIN


def add_own(kind: type[Client], carrier: MockRegistrar, number: int, secret: str) -> Account:
    """An account whose digest user name is not its user, where the client can be told both."""
    return carrier.add_account(f"trunk{number}", secret, auth_user=f"acme-{number}" if kind.own_auth_user else None)


# -- what is written -----------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("kind", "transport"),
    [(kind, transport) for kind in JUDGES for transport in kind.transports],
    ids=lambda value: value if isinstance(value, str) else value.name,
)
def test_login(kind: type[Client], transport: str, new_carrier: NewCarrier, launch: Launch) -> None:
    """One account, its config as it comes from the account: registered by the client's word and by the carrier's."""
    carrier = new_carrier(**settings(kind, transport))
    refused = SECRETS_REFUSED.get(kind, never)
    secret = "".join(c for c in ASCII + BEYOND if not refused(f"a{c}b"))
    account = add_own(kind, carrier, 1, f"x{secret}x")
    client = launch(kind, carrier, account, transport, config=written(kind, [account], transport))
    binding = carrier.wait_for_registration(account)
    client.wait_registered()
    assert binding.flow.transport == transport
    assert binding.granted == account.trunk().expiry
    assert not carrier.refusals()


@judges
def test_secrets(kind: type[Client], new_carrier: NewCarrier, launch: Launch) -> None:
    """Clients that hold many accounts get every character in every place; the others all of them at once."""
    carrier = new_carrier(**settings(kind))
    secrets = [*(PLACED if kind.at_once > 100 else []), *PACKED, *(SYNTAX[::3] if kind in SLOW else SYNTAX)]
    accounts = {add_own(kind, carrier, n, secret): secret for n, secret in enumerate(dict.fromkeys(secrets))}
    refused = SECRETS_REFUSED.get(kind, never)
    good = [account for account in accounts if renderable(kind, account)]
    assert [accounts[a] for a in accounts if a not in good] == [s for s in accounts.values() if refused(s)]
    failed = log_in(kind, carrier, good, launch)
    assert {accounts[carrier.account(name)]: why for name, why in failed.items()} == {}
    assert refusals(carrier) == set()


@judges
def test_users(kind: type[Client], new_carrier: NewCarrier, launch: Launch) -> None:
    carrier = new_carrier(**settings(kind))
    users = [user for user in USERS if kind.own_auth_user or '"' not in user]
    accounts = [
        carrier.add_account(user, f"pw {n}", auth_user=f"acme-{n}" if kind.own_auth_user else None)
        for n, user in enumerate(users)
    ]
    refused = USERS_REFUSED.get(kind, never)
    good = [account for account in accounts if renderable(kind, account)]
    assert [a.user for a in accounts if a not in good] == [user for user in users if refused(user)]
    assert log_in(kind, carrier, good, launch) == {}
    assert refusals(carrier) == set()


@pytest.mark.parametrize("kind", [k for k in JUDGES if k.own_auth_user], ids=lambda kind: kind.name)
def test_auth_users(kind: type[Client], new_carrier: NewCarrier, launch: Launch) -> None:
    """None of them escapes a quote or a backslash in its credentials, so that neither may be written."""
    carrier = new_carrier(**settings(kind))
    accounts = [carrier.add_account(f"trunk{n}", f"pw{n}", auth_user=login) for n, login in enumerate(USERS)]
    good = [account for account in accounts if renderable(kind, account)]
    assert [a.auth_user for a in accounts if a not in good] == ['a"b', "a\\b"]
    assert log_in(kind, carrier, good, launch) == {}
    assert refusals(carrier) == set()


# -- what is read --------------------------------------------------------------------------------------------
AT = "127.0.0.1:PORT"
BARE = f"<sip:u@{AT}>"
VIA = f'<sip:u@sip.acme.example>;outbound="sip:{AT}"'
INF = "SEQUENTIAL\n#user;domain;auth;host;port;transport;expires\nu;sip.acme.example;AUTH;127.0.0.1;PORT;udp;120\n"
SIPSAK = "sipsak -U -x 120 -r PORT -s sip:u@127.0.0.1 -u u"


def rc(old: str, new: str) -> str:
    """A linphonerc with something else in place of `old`."""
    text = (
        "[auth_info_0]\nusername=u\npasswd=hunter22\n"
        f"[proxy_0]\nreg_proxy=<sip:{AT}>\nreg_identity=sip:u@sip.acme.example\nreg_expires=120\nreg_sendregister=1\n"
    )
    assert text.count(old) == 1
    return text.replace(old, new)


def profile(old: str, new: str) -> str:
    """A profile of Twinkle, changed in the same way."""
    text = (
        "user_name=u\nuser_domain=sip.acme.example\nauth_name=u\nauth_pass=hunter22\n"
        f"registrar={AT}\nregistration_time=120\nregister_at_startup=yes\nsip_transport=udp\n"
    )
    assert text.count(old) == 1
    return text.replace(old, new)


def inf(auth: str) -> str:
    return INF.replace("AUTH", f"[authentication {auth}]")


READ = [
    # a transport outside of the brackets, without them, and by the outbound proxy
    (Baresip, f"{BARE};transport=tcp;regint=120;auth_pass=x1\n", "SR503"),
    (Baresip, f"sip:u@{AT};transport=tcp;regint=120;auth_pass=x1\n", "SR503"),
    (Baresip, f"<sip:u@{AT};transport=TCP>;regint=120;auth_pass=x1\n", ""),
    (Baresip, VIA.replace("example>", "example;transport=tcp>") + ";regint=120;auth_pass=x1\n", "SR503"),
    (Baresip, VIA.replace('PORT"', 'PORT;transport=tcp"') + ";regint=120;auth_pass=x1\n", ""),
    (Baresip, VIA.replace("outbound", "outbound=sip:127.0.0.1:9;outbound1") + ";regint=120;auth_pass=x1\n", ""),
    # where a value ends
    (Baresip, f"{BARE};regint=120;auth_pass=hun ter22\n", "SR505"),
    (Baresip, f"{BARE};regint=120;auth_pass='hun ter22'\n", "SR505"),
    (Baresip, f'{BARE};auth_pass="hunter22;regint=120\n', "SR505"),
    (Baresip, f'{BARE};regint=120;auth_pass="hun\\"ter22"\n', "SR506"),
    (Baresip, f"{BARE};auth_pass=hunter22\\;regint=120\n", "SR506"),
    (Baresip, f"{BARE};auth_pass=hunter22\\ ;regint=120\n", "SR506"),
    (Baresip, f'{BARE};auth_pass=hun"ter;2"2;regint=120\n', ""),
    (Baresip, f'{BARE};regint=120;auth_pass=""hunter22""\n', ""),
    (Baresip, f'{BARE};auth_pass="a;regint=90;x=";regint=120\n', "SR512"),
    (Baresip, f'{BARE};auth_user="a;auth_pass=b";regint=120;auth_pass=hunter22\n', "SR512"),
    (Baresip, f'{BARE};auth_pass="";REGINT = 120; AUTH_PASS = hunter22\n', ""),
    (Baresip, f"{BARE};regint=120;auth_pass=hunter22 # note\n", ""),
    # the address
    (Baresip, f"<sip:a%40b@{AT}>;regint=120;auth_pass=x1\n", ""),
    (Baresip, f"<sip:u@sip.acme.example:5O60>;outbound=sip:{AT};regint=120;auth_pass=x1\n", "SR509"),
    (Baresip, f"{BARE};regint=120;auth_pass=x1\nv@h.example;auth_pass=x2\n", "SR501"),
    (Baresip, f"<sip:v@h.example;auth_pass=x2\n{BARE};regint=120;auth_pass=x1\n", "SR502"),
    # blanks, notes and quotes that belong to a value or not
    (Linphone, rc("passwd=", "passwd= "), "SR520"),
    (Linphone, rc("hunter22", "hunter22 "), ""),
    (Linphone, rc("hunter22", "hunter22\t"), "SR520"),
    (Linphone, rc("hunter22", "hunter22 # note"), ""),
    (Linphone, rc("hunter22", '"hunter22"'), ""),
    (Linphone, rc("username=u", "username=u\nuserid= login"), "SR520"),
    (Linphone, rc(f"<sip:{AT}>", f"<sip:{AT}>;transport=tcp"), "SR503"),
    (Linphone, rc("username=u", "username=u\ndomain=other.example\nrealm=other"), ""),
    (Linphone, rc("reg_expires=120", "reg_expires="), ""),
    (Linphone, rc("reg_expires=120", "reg_expires=0x70 s"), ""),
    # hexadecimal, quotes and escapes
    (SippInjected, inf("username=u password=0x68756e"), "SR758"),
    (SippInjected, inf("username=u password=0x6875e"), "SR758"),
    (SippInjected, inf('username=u password="0x68756e"'), ""),
    (SippInjected, inf("username=u password=hun ter22"), "SR752"),
    (SippInjected, inf("username=u password='hunter22'"), "SR752"),
    (SippInjected, inf("username=u,password=hunter22"), "SR752"),
    (SippInjected, inf('username=u password="hun\\"ter22"'), ""),
    (SippInjected, inf('username=u password="hun\\x41"'), ""),
    (SippInjected, inf('username=u password="hun\\\\x41"'), ""),
    (SippInjected, inf("username=u password=hun\\x41"), ""),
    # the shell
    (Sipsak, f"{SIPSAK} -a hun\\ter22", "SR779"),
    (Sipsak, f'{SIPSAK} -a "hun\\ter22"', ""),
    (Sipsak, f"{SIPSAK} -a hun#ter!22", "SR532"),
    (Sipsak, f"sipsak -U -x 120 -s sip:u@{AT} -u u -a hunter22", "SR771"),
    # what is stripped, what is kept, the last of two
    (Twinkle, profile("auth_pass=", "auth_pass=  "), ""),
    (Twinkle, profile("hunter22", "hunter22\t"), "SR563"),
    (Twinkle, profile("hunter22", "hunter22 # note"), "SR564"),
    (Twinkle, profile("hunter22", '"hunter22"'), "SR572"),
    (Twinkle, profile("auth_pass=hunter22", "auth_pass=hunter22\nauth_pass=x1"), "SR570"),
    (Twinkle, profile("sip_transport=udp", "sip_transport=TCP"), "SR567"),
    (Twinkle, profile("user_name=u", "user_name=u@sip.acme.example"), "SR575"),
    (Twinkle, profile("registration_time=120", "registration_time=90s"), "SR132"),
]


def at(carrier: MockRegistrar, text: str) -> str:
    return text.replace("PORT", str(carrier.address("udp").port))


def numbered(rows: Sequence[tuple[Any, ...]]) -> list[str]:
    return [f"{kind.name}-{number}" for number, (kind, *_) in enumerate(rows)]


@pytest.mark.parametrize(("kind", "text", "code"), READ, ids=numbered(READ))
def test_reading(kind: type[Client], text: str, code: str, new_carrier: NewCarrier, launch: Launch) -> None:
    """The client logs in with what is read there: user, password, auth user, transport and expiry."""
    carrier = new_carrier(**settings(kind))
    text = at(carrier, text)
    parsed = explain(text, dialect=kind.dialect).parsed
    assert code in {*(finding.code for finding in parsed.findings), ""}
    (read,) = parsed.registrations
    account = carrier.add_account(read.user or "", read.secret, auth_user=read.effective_auth_user)
    with awaited(carrier, Registered, account):
        launch(kind, carrier, account, config=text)
    (binding,) = carrier.bindings(account)
    assert (binding.flow.transport, binding.granted) == (read.transport, read.expiry)
    assert not carrier.refusals()


TYPED = [
    (Baresip, f"{BARE};regint=120;auth_pass=hun ter22\n", "hun ter22"),
    (Baresip, f"{BARE};regint=120;auth_pass='hunter22'\n", "hunter22"),
    (Baresip, f'{BARE};regint=120;auth_pass="hun\\"ter22"\n', 'hun"ter22'),
    (Baresip, f"<sip:u:hunter22@{AT}>;regint=120\n", "hunter22"),
    (Linphone, rc("passwd=", "passwd= "), "hunter22"),
    (Linphone, rc("hunter22", '"hunter22"'), "hunter22"),
    (Linphone, rc("hunter22", "hunter22 # note"), "hunter22"),
    (SippInjected, inf("username=u password=0x68756e"), "0x68756e"),
    (SippInjected, inf("username=u password=hun ter22"), "hun ter22"),
    (SippInjected, inf("username=u password=h\u00fcnter"), "h\u00fcnter"),
    (Sipsak, f'{SIPSAK} -a "hun$ter22"', "hun$ter22"),
    (Sipsak, f"{SIPSAK} -a hun\\ter22", "hun\\ter22"),
    (Twinkle, profile("hunter22", '"hunter22"'), "hunter22"),
    (Twinkle, profile("hunter22", "hunter22 # note"), "hunter22"),
]
"""What a person typed, and the password that it was to be."""


@pytest.mark.parametrize(("kind", "text", "secret"), TYPED, ids=numbered(TYPED))
def test_mistakes(kind: type[Client], text: str, secret: str, new_carrier: NewCarrier, launch: Launch) -> None:
    """The login that was meant fails, as what is read there is another password."""
    carrier = new_carrier(**settings(kind))
    text = at(carrier, text)
    assert [read.secret for read in explain(text, dialect=kind.dialect).parsed.registrations] != [secret]
    account = carrier.add_account("u", secret)
    with awaited(carrier, Refused, account):
        launch(kind, carrier, account, config=text)
    carrier.assert_refused(account, because="wrong-password")
    carrier.assert_not_registered(account)


UNHEARD = [
    (Baresip, f"u@{AT};auth_pass=hunter22\n", "SR501", r"module account.so: Invalid argument"),
    (Baresip, f"v@h.example\n{BARE};regint=120;auth_pass=hunter22\n", "SR501", r"error parsing SIP address"),
    (Baresip, f"{BARE};regint=60s;auth_pass=hunter22\n", "SR509", r"baresip is ready"),
    (Linphone, rc("reg_identity=sip:", "reg_identity="), "SR523", r"linphonec> "),
    (Linphone, rc("reg_sendregister=1", "reg_sendregister=yes"), "SR509", r"linphonec> "),
    (SippInjected, inf("username=u password=x1").replace("SEQUENTIAL", "sequential"), "SR750", ""),
    (SippInjected, inf("username=u password=x1").replace("expires\n", "expires\n\n"), "SR761", ""),
    (Sipsak, f"{SIPSAK} -a #hunter22", "SR531", r"requires an argument"),
    (Sipsak, f"{SIPSAK} -a x1".replace("sip:u", "u"), "SR767", ""),
    (Sipsak, f"{SIPSAK} -a x1".replace("-x 120", "-x 2min"), "SR772", ""),
    (Twinkle, profile("auth_pass=", "auth_pass: "), "SR562", r"Syntax error in file "),
    (Twinkle, profile("yes", "yes\n; note"), "SR562", r"Syntax error in file "),
    (Twinkle, profile("at_startup=yes", "at_startup=Yes"), "SR569", r"Twinkle> "),
]
"""What the client does not take, or does nothing with; its own words where the finding quotes none."""


@pytest.mark.parametrize(("kind", "text", "code", "words"), UNHEARD, ids=numbered(UNHEARD))
def test_nothing_is_sent(
    kind: type[Client], text: str, code: str, words: str, new_carrier: NewCarrier, launch: Launch
) -> None:
    """No registration is read there, and none is tried; what the log says is what the client prints."""
    carrier = new_carrier(**settings(kind))
    text = at(carrier, text)
    parsed = explain(text, dialect=kind.dialect).parsed
    assert not [read for read in parsed.registrations if read.register is not False]
    finding = next(finding for finding in parsed.findings if finding.code == code)
    account = carrier.add_account("u", "hunter22")
    client = launch(kind, carrier, account, config=text)
    client.process.wait_said(words or re.escape(finding.log.split(" FILE")[0]))
    client.stop()
    assert not carrier.requests()
