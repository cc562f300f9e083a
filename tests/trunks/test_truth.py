"""What the carrier has on file: accounts, then the peer section, then the reading, then what was meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from mockregistrar.trunks import Item, KnownAccount, Span, truth
from mockregistrar.trunks.asterisk import sip_conf


def item(text: str) -> Item:
    return sip_conf.read(Path("sip.conf"), read_file=lambda _path: f"[general]\n{text}\n".encode()).items[0]


def test_without_evidence_asterisk_is_right():
    it = item("register => 100:pa:ss@sip.acme.example/100")
    found = truth(it)
    assert (found.source, found.trigger) == ("reading", None)
    assert (found.user, found.secret, found.effective_auth_user) == ("100", "pa", "ss")
    assert found.differences(it.reading.real) == ()


def test_a_trigger_says_what_was_meant():
    it = item("register => tls:100:hunter22@sip.acme.example")
    found = truth(it)
    assert (found.source, found.trigger) == ("meant", "SR113")
    assert (found.user, found.secret, found.transport, found.port) == ("100", "hunter22", "tls", 5061)
    parts = {d.field: d for d in found.differences(it.reading.real)}
    assert set(parts) == {"user", "secret", "auth_user", "port", "transport"}
    assert parts["user"].span == Span(2, 13, 3)
    assert parts["secret"].span == Span(2, 17, 3)
    assert parts["secret"].position == 1


def test_the_peer_section_comes_before_the_reading():
    it = item("register => 1:hunter22@sip.acme.example\n[1]\ntype=peer\nhost=sip.acme.example\nsecret=hunter23")
    found = truth(it)
    assert (found.source, found.secret) == ("peer", "hunter23")
    (part,) = found.differences(it.reading.real)
    assert (part.field, part.position, part.missing, part.extra) == ("secret", 8, 0, 0)
    assert "hunter" not in repr(found)
    assert "hunter" not in repr(part)


def test_a_peer_that_agrees_is_no_source():
    it = item("register => 1:hunter22@sip.acme.example\n[1]\ntype=peer\nhost=sip.acme.example\nsecret=hunter22")
    assert truth(it).source == "reading"


ACCOUNTS = [
    KnownAccount("100", "one-secret", domain="sip.acme.example"),
    KnownAccount("100", "other-secret", domain="sip.beta.example"),
    KnownAccount("200", "pa:ss"),
    KnownAccount("tls", "100", auth_user="hunter22"),
    KnownAccount("300", None, ha1="0a" * 16),
]


@pytest.mark.parametrize(
    ("line", "secret", "fields"),
    [
        ("register => 100:one-secret@sip.acme.example", "one-secret", set()),
        ("register => 100:one-secre7@sip.acme.example", "one-secret", {"secret"}),
        ("register => 100:other-secret@sip.beta.example:5080", "other-secret", set()),
        ("register => 100@sip.beta.example:other-secret@10.0.0.1", "other-secret", set()),
        ("register => 200:pa:ss@sip.any.example", "pa:ss", {"secret", "auth_user"}),
        ('register => 200:"pa:ss"@sip.any.example', "pa:ss", set()),
        ("register => tls:100:hunter22@sip.acme.example", "100", {"port", "transport"}),
        ("register => 300:whatever@sip.acme.example", None, set()),
    ],
)
def test_the_accounts_come_first(line, secret, fields):
    it = item(line)
    found = truth(it, ACCOUNTS)
    assert found.source == "accounts"
    assert found.secret == secret
    assert {d.field for d in found.differences(it.reading.real)} == fields


def test_an_account_for_another_host_does_not_apply():
    assert truth(item("register => 100:x@sip.gamma.example"), ACCOUNTS).source == "reading"
    assert truth(item("register => 999:x@sip.acme.example"), ACCOUNTS).source == "reading"


def test_a_shorter_secret_parts_where_it_ends():
    it = item("register => 100:one-@sip.acme.example")
    (part,) = truth(it, ACCOUNTS).differences(it.reading.real)
    assert (part.position, part.missing, part.extra) == (5, 6, 0)


def test_a_line_that_says_nothing_has_no_truth():
    it = item("register => mypeer")
    found = truth(it, ACCOUNTS)
    assert not found.known
    assert found.differences(it.reading.real) == ()


def test_a_domain_that_the_carrier_does_not_serve():
    it = item("register => 100@wrong.example:one-secret@sip.acme.example")
    found = truth(it, ACCOUNTS)
    assert found.source == "accounts"
    assert not found.differences(it.reading.real)
