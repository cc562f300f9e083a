"""A sipreg.toml with trunks as a test file, and configs of every dialect beside it."""

from __future__ import annotations

import pytest

pytest_plugins = ("pytester",)

PLAN = """\
[carrier.acme]
domain = "sip.acme.example"
accounts = [{ user = "100", secret_env = "ACME_SECRET" }, { user = "200", secret = "other333" }]
allow = ["203.0.113.0/24"]

[carrier.trust]
domain = "sip.trust.example"
accounts = [{ user = "t1", networks = ["198.51.100.0/24"] }]

[[trunk]]
name = "acme main"
config = "asterisk/sip.conf"
select = "100"
carrier = "acme"

[[trunk]]
name = "acme backup"
config = "asterisk/sip.conf"
select = "200"
carrier = "acme"
expect = "wrong-password"

[[trunk]]
name = "from elsewhere"
config = "asterisk/sip.conf"
select = "100"
carrier = "acme"
source = "192.0.2.1"
expect = "ip-not-allowed"

[[trunk]]
name = "by address"
config = "asterisk/pjsip.conf"
carrier = "trust"
expect = "ip-auth"
"""
SIP_CONF = """\
[general]
register => 100:hunter22@sip.acme.example/100
register => 200:other332@sip.acme.example/200
"""
PJSIP = """\
[trust]
type=endpoint
aors=trust
[trust]
type=aor
contact=sip:sip.trust.example
[trust]
type=identify
endpoint=trust
match=sip.trust.example
"""


@pytest.fixture
def planned(project):
    project.write("asterisk/sip.conf", SIP_CONF)
    project.write("asterisk/pjsip.conf", PJSIP)
    project.write("sipreg.toml", PLAN)
    project.setenv("ACME_SECRET", "hunter22")
    return project


def test_one_item_for_each_trunk_and_none_for_its_configs(planned):
    assert planned.ids() == [
        "sipreg.toml::acme main",
        "sipreg.toml::acme backup",
        "sipreg.toml::from elsewhere",
        "sipreg.toml::by address",
    ]
    assert planned.ids("asterisk/sip.conf") == [
        "asterisk/sip.conf::register[100@sip.acme.example]",
        "asterisk/sip.conf::register[200@sip.acme.example]",
    ], "a config that is named is a test file of its own"


def test_a_plan_that_holds(planned):
    result = planned.run("--sipreg")
    result.assert_outcomes(passed=4)
    result.stdout.fnmatch_lines(
        [
            "*- sipreg -*",
            "4 trunks of the plan, all as planned:",
            "  acme main * registered *REGISTER to sip.acme.example port 5060 udp: 200 OK, 120 s granted",
            "  acme backup * refused *As expected: wrong password.",
            "  from elsewhere  refused *As expected: ip not allowed.",
            "  by address * ip-auth *The carrier lets 198.51.100.1 in without a password.",
        ]
    )


def test_a_plan_that_does_not_hold(planned):
    planned.setenv("ACME_SECRET", "hunter23")
    result = planned.here("--sipreg", "-k", "main")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "*_ sipreg.toml::acme main _*",
            "The trunk does not come up: wrong password: * position 8 is `2`, the carrier has `3`.",
            "*2 | register => 100:•••••••2@sip.acme.example/100",
            "*203.0.113.1, the first address that the carrier lets in*",
            "*401 Unauthorized*refused: wrong-password",
            "*your Asterisk will print   Failed to authenticate on REGISTER *",
            "1 trunk of the plan, 1 not as planned:",
        ]
    )
    assert "hunter" not in result.stdout.str()


def test_what_registers_though_a_refusal_is_expected(planned):
    planned.write("sipreg.toml", PLAN.replace('secret = "other333"', 'secret = "other332"'))
    result = planned.here("--sipreg", "-k", "backup")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["The trunk registers, and the plan expects wrong password."])


def test_another_refusal_than_the_expected_one(planned):
    planned.write("sipreg.toml", PLAN.replace('expect = "ip-not-allowed"', 'expect = "unknown-user"'))
    result = planned.here("--sipreg", "-k", "elsewhere")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["The plan expects unknown user; it is ip not allowed. *"])


def test_nothing_to_register_must_be_expected(planned):
    planned.write("sipreg.toml", PLAN.replace('expect = "ip-auth"', 'expect = "registered"'))
    result = planned.here("--sipreg", "-k", "address")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["There is nothing to register in the config*", '*write expect = "ip-auth"*'])
    planned.write("sipreg.toml", PLAN + 'source = "192.0.2.1"\n')
    result = planned.here("--sipreg", "-k", "address")
    result.stdout.fnmatch_lines(["The carrier does not let 192.0.2.1 in by its address alone: *198.51.100.0/24*"])


def test_what_the_system_does_not_read_is_told_by_its_finding(planned):
    planned.write("asterisk/sip.conf", "[general]\nregister => 100:hun;ter22@sip.acme.example/100\n")
    trunk = '[[trunk]]\nconfig = "asterisk/sip.conf"\ncarrier = "acme"\n'
    planned.write("sipreg.toml", PLAN.partition("[[trunk]]")[0] + trunk)
    result = planned.here("--sipreg", "sipreg.toml")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["The trunk does not come up: `;` cuts the line. *", "*SR104*"])


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("carrier = ", "carier = ", "sipreg.toml:14: carier: no such key of a trunk; did you mean `carrier`?"),
        ('"asterisk/sip.conf"', '"sip.conf"', "sipreg.toml:12: config: sip.conf: No such file or directory"),
        ('"wrong-password"', '"wrong"', "sipreg.toml:21: expect: no such outcome as 'wrong'; *"),
    ],
)
def test_a_mistake_in_the_plan_is_a_collection_error(planned, old, new, says):
    planned.write("sipreg.toml", PLAN.replace(old, new, 1))
    result = planned.here("--sipreg")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*ERROR collecting sipreg.toml*", says])


def test_under_xdist_and_last_failed(planned):
    planned.setenv("ACME_SECRET", "wrong")
    result = planned.run("--sipreg", "-n2", plugins=("xdist.plugin",))
    result.assert_outcomes(passed=3, failed=1)
    result.stdout.fnmatch_lines(["4 trunks of the plan, 1 not as planned:", "  acme main *not as planned*"])
    arguments = ("-o", "cache_dir=.cache", "-p", "cacheprovider")
    planned.pytester.runpytest_inprocess("-p", "pytest_sipreg.plugin", *arguments, "--sipreg").assert_outcomes(
        passed=3, failed=1
    )
    again = planned.pytester.runpytest_inprocess("-p", "pytest_sipreg.plugin", *arguments, "--sipreg", "--lf")
    again.assert_outcomes(failed=1)


def test_a_toml_without_trunks_is_no_test_file(planned):
    planned.write("sipreg.toml", PLAN.partition("[[trunk]]")[0])
    assert all(not line.startswith("sipreg.toml") for line in planned.ids())
    result = planned.here("--sipreg", "sipreg.toml")
    assert result.ret == 4
    result.stderr.fnmatch_lines(["ERROR: sipreg.toml: no SIP config of a known kind*"])


def test_a_plan_without_the_flag(planned):
    result = planned.here("sipreg.toml")
    assert result.ret == 4
    result.stderr.fnmatch_lines(["ERROR: sipreg.toml is a SIP config: add --sipreg to test its trunks"])


def test_fixtures_take_one_carrier_of_several_when_told(planned):
    planned.test("def test_it(sipreg): assert sipreg.settings.domains == DOMAINS\n".replace("DOMAINS", "()"))
    planned.run("test_it.py").assert_outcomes(passed=1)
    planned.test("def test_it(sipreg): assert sipreg.settings.domains == ('sip.trust.example',)\n")
    planned.run("--sipreg-carrier=trust", "test_it.py").assert_outcomes(passed=1)
    result = planned.here("--sipreg-carrier=thrust", "test_it.py")
    assert result.ret == 4 or result.parseoutcomes().get("errors")


# -- configs of other dialects -----------------------------------------------------------------------------------------


GATEWAY = """\
<include><gateway name="acme">
<param name="username" value="100"/>
<param name="password" value="{}"/>
<param name="proxy" value="sip.acme.example"/>
</gateway></include>
"""


def test_a_gateway_of_freeswitch(project):
    project.write("good.xml", GATEWAY.format("hunter22"))
    project.write("bad.xml", GATEWAY.format("hunt:r22"))
    result = project.here("--sipreg", "good.xml", "bad.xml")
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(
        ["*_ bad.xml::register[[]100@sip.acme.example[]] _*", "*SR409*", "*refused: wrong-password*"]
    )
    assert "hunt" not in result.stdout.str()


def test_files_are_matched_by_the_ini(project):
    project.write("gateways/acme.xml", GATEWAY.format("hunter22"))
    project.write("phones/accounts", "<sip:200@sip.acme.example>;auth_pass=hunter22\n")
    project.ini("sipreg = true", "sipreg_files = gateways/*.xml accounts")
    assert project.ids() == [
        "gateways/acme.xml::register[100@sip.acme.example]",
        "phones/accounts::register[200@sip.acme.example]",
    ]
    project.here().assert_outcomes(passed=2)


def test_each_client_has_its_own_manners(project):
    project.write("c.csv", "user,secret\n100,hunter23\n")
    project.write("acme.xml", GATEWAY.format("hunter22"))
    result = project.here("--sipreg", "--sipreg-accounts=c.csv", "acme.xml")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*With 401 your FreeSWITCH *"])


def test_a_trunk_that_is_switched_off_is_skipped(project):
    text = GATEWAY.format("hunter22").replace("</gateway>", '<param name="register" value="false"/></gateway>')
    project.write("acme.xml", text)
    result = project.here("--sipreg", "-rs", "acme.xml")
    result.assert_outcomes(skipped=1)
    result.stdout.fnmatch_lines(["*switched off: it does not register*"])
