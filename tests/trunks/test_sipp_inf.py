"""SIPp's injection files."""

from __future__ import annotations

import pytest
from dialect_checks import codes_of, fields, loud, parsed, says, under
from growth import assert_linear
from tool_checks import check_mistake

from mockregistrar.trunks import CannotRender, Trunk, registry
from mockregistrar.trunks.detect import detect
from mockregistrar.trunks.explanation import explain, report
from mockregistrar.trunks.tools.sipp_printf import Counter, counter, printed

SIPP = "sipp-inf"

INF = """SEQUENTIAL
# three of ours
100;sip.acme.example;[authentication username=100 password=hunter22]
200;sip.acme.example;[authentication username=login password="hun ter22"]
"""


def test_an_injection_file():
    found = parsed(SIPP, INF)
    assert detect(INF).dialect == SIPP
    assert found.ok
    assert found.findings == ()
    assert fields(found) == {
        "user": "100",
        "secret": "hunter22",
        "auth_user": "100",
        "effective_auth_user": "100",
        "domain": "sip.acme.example",
    }
    assert fields(found, 1) == {
        "user": "200",
        "secret": "hun ter22",
        "auth_user": "login",
        "effective_auth_user": "login",
        "domain": "sip.acme.example",
    }
    assert [each.name for each in found.registrations] == ["line 3", "line 4"]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("joe;[authentication username=joe password=schmo]", {"user": "joe", "secret": "schmo"}),
        ("[authentication username=joe password=schmo]", {"user": "joe", "auth_user": "joe"}),
        ("100@h.example;[authentication username=100 password=pa]", {"user": "100", "domain": "h.example"}),
        ("sip:100@h.example;[authentication username=100 password=pa]", {"user": "100", "domain": "h.example"}),
        ("100;h.example:5080;[authentication username=a password=pa]", {"domain": "h.example", "domain_port": 5080}),
        ("100;h.example;192.0.2.7:5070;udp;[authentication username=a password=pa]", {"host": "192.0.2.7"}),
        (
            "100;h.example;192.0.2.7:5070;TCP;[authentication username=a password=pa]",
            {"port": 5070, "transport": "tcp"},
        ),
        ("100;200;[authentication username=a password=pa]", {"user": "100", "secret": "pa"}),
        ("100;[authentication password=pa username=a]", {"auth_user": "a", "secret": "pa"}),
        ('100;[authentication username="a b" password="p\\"a\\\\"]', {"auth_user": "a b", "secret": 'p"a\\'}),
        ("100;[authentication username=a password=p\\x3Ba\\x5D\\x20]", {"secret": "p;a] "}),
        ('100;[authentication username=a password="p\\\\x3Ba"]', {"secret": "p;a"}),
        ("100;[authentication username=a password=p\\x4Z!\\xZ!]", {"secret": "p\x04!!"}),
        ('100;[authentication username=a password="0x41"]', {"secret": "0x41"}),
        ('100;[authentication username=a password="pässwörd"]', {"secret": "pässwörd"}),
        ("100;[authentication username=a password=@:/#?%$`'&=+,]", {"secret": "@:/#?%$`'&=+,"}),
        ("100;[authentication username=a password=pa aka_K=0x0123]", {"secret": "pa"}),
    ],
)
def test_what_sipp_reads(line, expected):
    found = parsed(SIPP, f"RANDOM\n{line}\n")
    assert loud(found) == []
    assert found.ok
    assert expected.items() <= fields(found).items()


@pytest.mark.parametrize(
    ("line", "absent"),
    [
        ("100;h.example", {"secret", "auth_user", "effective_auth_user", "host", "port", "transport", "expiry"}),
        ("100;h.example;[authentication]", {"secret", "effective_auth_user", "host"}),
        ("100;h.example;[authentication password=pa]", {"effective_auth_user", "host"}),
        ("100;hunter22", {"secret", "domain", "host"}),
    ],
)
def test_what_the_scenario_or_the_command_line_decides(line, absent):
    found = parsed(SIPP, f"USER\n{line}\n")
    assert found.findings == ()
    assert not absent & fields(found).keys()


def test_a_comment_that_names_the_fields_is_believed():
    text = "SEQUENTIAL\n#Username;Password;Auth-User;Server;Port;Transport;Expires;Display Name\n"
    found = parsed(SIPP, text + "100;hunter22;login;h.example;5070;TLS;600;Al\n")
    assert found.findings == ()
    assert fields(found) == {
        "user": "100",
        "secret": "hunter22",
        "auth_user": "login",
        "effective_auth_user": "login",
        "host": "h.example",
        "port": 5070,
        "transport": "tls",
        "expiry": 600,
        "display_name": "Al",
    }
    assert "secret" not in fields(parsed(SIPP, "SEQUENTIAL\n#user;password\n100;hunter22;x\n"))


SIPP_MISTAKES = [
    ("SEQUENTIAL\n", "", "SR750", "error", "# three of ours", {"secret": "hunter22"}),
    ("SEQUENTIAL", "sequential", "SR750", "error", "sequential", {"secret": "hunter22"}),
    ("SEQUENTIAL", "USERNAME;x", "SR750", "warning", "USER", None),
    ("hunter22", "hun;ter22", "SR751", "error", ";", {"secret": "hun;ter22"}),
    ("hunter22", '"hun;ter22"', "SR751", "error", ";", {"secret": "hun;ter22"}),
    ("hunter22", "hun ter22", "SR752", "error", " ", {"secret": "hun ter22"}),
    ("hunter22", "hünter22", "SR752", "error", "ü", {"secret": "hünter22"}),
    (" password=hunter22", ",password=hunter22", "SR752", "error", ",", {"secret": "hunter22"}),
    ("hunter22", "'hunter22'", "SR752", "error", "'", {"secret": "hunter22"}),
    ("# three of ours", "", "SR753", "error", "", None),
    ("200;sip.acme.example;", "200;", "SR754", "warning", "200;" + INF.split("\n")[3][21:], None),
    ("hunter22]", "hunter22", "SR756", "error", "[authentication", {"secret": "hunter22"}),
    ("hunter22", "hun]ter22", "SR756", "error", "]", {"secret": "hun]ter22"}),
    ("hunter22", "hun[ter22", "SR757", "error", "[", {"secret": "hun[ter22"}),
    ("hunter22", "[field1]", "SR757", "error", "[", None),
    ("hunter22", "0x6162", "SR758", "hint", "0x", None),
    ("hunter22", "0xhunter22", "SR758", "warning", "0x", {"secret": "0xhunter22"}),
    ("SEQUENTIAL", "SEQUENTIAL,PRINTF", "SR759", "error", "PRINTF", None),
    ("SEQUENTIAL", "SEQUENTIAL,PRINTF=0", "SR759", "error", "PRINTF=0", None),
    ("SEQUENTIAL", "SEQUENTIAL,PRINTFOFFSET=5,PRINTF=3", "SR759", "error", "PRINTFOFFSET=5", None),
    ("username=100 ", "user=100 ", "SR760", "warning", "user", {"secret": "hunter22"}),
    ("username=100 ", "username = 100 ", "SR760", "warning", "username", {"secret": "hunter22"}),
    ("password=hunter22", "pasword=hunter22", "SR760", "warning", "pasword", {"secret": "hunter22"}),
    ("password=hunter22", "password= hunter22", "SR760", "warning", "password", {"secret": "hunter22"}),
    (
        "[authentication username=100",
        "[Authentication username=100",
        "SR760",
        "error",
        "[Authentication",
        {"secret": "hunter22"},
    ),
    ("hunter22", "hunter22" * 40, "SR762", "error", "[authentication", {"secret": "hunter22" * 40}),
    ("hunter22", "hunter22\u200b", "SR752", "error", "\u200b", None),
    ("hunter22", "your_password", "SR109", "hint", "your_password", None),
    ("200;", "100;", "SR163", "hint", None, None),
]


@pytest.mark.parametrize(("old", "new", "code", "severity", "place", "meant"), SIPP_MISTAKES)
def test_mistakes_in_an_injection_file(old, new, code, severity, place, meant):
    text = INF.replace(old, new, 1)
    assert text != INF
    check_mistake(SIPP, text, code, severity, place, meant)


def test_carriage_returns_belong_to_the_last_field():
    found = parsed(SIPP, INF.replace("\n", "\r\n"))
    assert "So do 1 more" in says(found, "SR755", "warning", line=3)
    assert [each.secret for each in found.registrations] == ["hunter22", "hun ter22"]
    bare = parsed(SIPP, "USER\r\n\r\n100;h.example\r\n")
    assert [each.user for each in bare.registrations] == ["100"]
    assert "SR753" not in codes_of(bare)


def test_an_empty_line_ends_the_file():
    text = INF + "\n300;h.example;[authentication username=300 password=other333]\n# note\n"
    found = parsed(SIPP, text)
    assert [each.user for each in found.registrations] == ["100", "200"]
    assert "1 line of data" in says(found, "SR753", "error", line=5)
    assert "other333" not in report(explain(text))
    assert parsed(SIPP, INF + "\n\n").findings == ()
    assert says(parsed(SIPP, INF + " \n"), "SR754", "warning", line=5)


def test_a_file_without_data():
    found = parsed(SIPP, "RANDOM\n# nothing\n")
    assert not found.ok
    assert found.registrations == ()
    assert found.findings[0].code == "SR761"
    assert found.findings[0].log == "Input file has zero lines: FILE.csv"


def test_what_sipp_prints():
    found = parsed(SIPP, "\n".join(INF.split("\n")[1:]))
    assert not found.ok
    assert found.registrations == ()
    assert found.findings[0].log == ("Unknown file type (valid values are RANDOM, SEQUENTIAL, and USER) for FILE.csv:")
    missing = parsed(SIPP, INF.replace("200;sip.acme.example;", "200;"))
    assert missing.findings[0].log == "Field 2 not found in the file FILE.csv"


def test_one_bad_line_leaves_the_others():
    found = parsed(SIPP, INF.replace("hunter22", "hun;ter22", 1))
    assert not found.ok
    assert [each.user for each in found.registrations] == ["200"]
    assert [(each.user, each.secret) for each in found.meant] == [("100", "hun;ter22")]


def test_the_file_type_is_looked_for_anywhere_in_the_first_line():
    rest = INF.split("\n", 1)[1]
    for first in ("# my SEQUENTIAL list", "\ufeffSEQUENTIAL", "RANDOM,x", "USERS"):
        assert parsed(SIPP, f"{first}\n{rest}").ok


COUNTED = (
    "SEQUENTIAL,PRINTF=3,PRINTFOFFSET=10,PRINTFMULTIPLE=5\nu%03d;h.example;[authentication username=%d password=p%d]\n"
)


def test_lines_made_by_counting():
    found = parsed(SIPP, COUNTED)
    assert detect(COUNTED).dialect == SIPP
    assert found.findings == ()
    assert [(r.user, r.auth_user, r.secret) for r in found.registrations] == [
        ("u010", "10", "p10"),
        ("u015", "15", "p15"),
        ("u020", "20", "p20"),
    ]
    many = parsed(SIPP, COUNTED.replace("=3", "=100000"))
    assert len(many.registrations) == 1000
    says(many, "SR759", "hint", line=1)
    bad = parsed(SIPP, COUNTED.replace("p%d", "hunter%s"))
    assert not bad.ok
    assert bad.findings[0].log == "Invalid printf injection field (only decimal values allowed 's')"
    assert under(COUNTED.replace("p%d", "hunter%s"), bad, "SR759") == "%s"


@pytest.mark.parametrize(
    ("pattern", "made"),
    [
        ("%d", "7"),
        ("a%03db", "a007b"),
        ("%-3d|", "7  |"),
        ("%3d", "  7"),
        ("%.2d", "07"),
        ("a%%db", "a%7b"),
        ("x", "x"),
    ],
)
def test_numbers_as_printf_writes_them(pattern, made):
    assert printed(pattern, 7)[::2] == (made, None)


@pytest.mark.parametrize("pattern", ["%s", "%", "%5", "%xd", "100%"])
def test_anything_else_behind_a_percent_sign_stops_sipp(pattern):
    assert printed(pattern, 7)[2] is not None


@pytest.mark.parametrize(
    ("first", "made"),
    [
        ("USER", None),
        ("USER,PRINTF=10", Counter(10)),
        ("USER,PRINTF=0x10,PRINTFOFFSET=010", Counter(16, 8)),
        ("USER,PRINTF=10,PRINTFMULTIPLE=3", Counter(10, 0, 3)),
    ],
)
def test_counters(first, made):
    assert counter(first) == (made, None)


@pytest.mark.parametrize("first", ["PRINTF", "PRINTF=", "PRINTF=x", "PRINTF=5x", "PRINTF=08", "PRINTF=5,PRINTFOFFSET"])
def test_counters_that_sipp_refuses(first):
    assert counter(first)[1] is not None


@pytest.mark.parametrize(
    ("secret", "written"),
    [
        ("schmo", "schmo"),
        ("p;a", '"p\\\\x3Ba"'),
        ("p a", '"p a"'),
        ('p"a\\', '"p\\"a\\\\"'),
        ("[p]", '"\\\\x5Bp\\\\x5D"'),
        ("p\\x41", '"p\\\\x5Cx41"'),
        ("0x41", '"0x41"'),
        ("ä", '"ä"'),
    ],
)
def test_quotes_and_escapes_only_where_they_are_needed(secret, written):
    text = registry.render(SIPP, Trunk("100", "h.example", secret=secret))
    assert f"password={written}]" in text
    assert parsed(SIPP, text).registrations[0].secret == secret


def test_several_accounts_in_one_file():
    trunks = [Trunk("100", "h.example", secret="a;b"), Trunk("200", "i.example", secret="c", domain="d.example")]
    found = parsed(SIPP, registry.render_all(SIPP, trunks))
    assert found.findings == ()
    assert [each.trunk for each in found.registrations] == trunks


@pytest.mark.parametrize(
    "trunk",
    [
        Trunk("1", "h.example", secret="x", auth_user='a"b'),
        Trunk("1", "h.example", secret="x", auth_user="a\\b"),
        Trunk("", "h.example", secret="x"),
        Trunk("1", "h example", secret="x"),
        Trunk("1", "h.example", secret="x" * 300),
        Trunk("1", "h.example", secret="x\ny"),
        Trunk("1", "h.example", ha1="0" * 32),
    ],
)
def test_what_an_injection_file_cannot_hold(trunk):
    with pytest.raises(CannotRender):
        registry.render(SIPP, trunk)


def test_a_file_of_a_thousand_accounts_is_read_in_linear_time():
    def work(count):
        accounts = (f"{n};sip.acme.example;[authentication username={n} password=hunter{n}]\n" for n in range(count))
        found = parsed(SIPP, "SEQUENTIAL\n" + "".join(accounts))
        assert found.findings == ()
        assert len(found.registrations) == count

    assert_linear(work, 125)


@pytest.mark.parametrize(("blanks", "most"), [(10, 1000), (1000, 190), (10_000, 20), (300_000, 1)])
def test_a_long_line_is_written_out_fewer_times(blanks, most):
    line = "sip.acme.example;[authentication username=u%d password=hunter22];" + " " * blanks
    count = len(parsed(SIPP, f"USER,PRINTF=99999\n{line}\n").registrations)
    assert most // 2 < count <= most
