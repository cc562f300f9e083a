"""The marker that runs a test with each kind of mistake in a registration string."""

from __future__ import annotations

import re

import pytest

pytest_plugins = ("pytester",)

TEST = """
    import pytest

    @pytest.mark.sipreg_typos("vicidial", kinds=["password-[mw]*", "wide-*"])
    def test_it(sipreg, sipreg_typo):
        print("MADE", sipreg_typo.kind, sipreg_typo.description)
        assert sipreg_typo.text != sipreg_typo.right == sipreg_typo.account.registration_string("vicidial")
        assert sipreg.account("trunk1") == sipreg_typo.account
        assert sipreg_typo.login in ("refused", "no-answer", "not-sent")
        sipreg.assert_not_registered(sipreg_typo.account)
    """
KINDS = ("password-missing", "password-wrong", "wide-colon", "wide-at")


def told(result):
    """Return what was made of each kind."""
    return dict(re.findall(r"MADE (\S+) (.*)", result.stdout.str()))


def test_it_runs_once_for_each_kind(project):
    project.test(TEST)
    result = project.here("-v")
    result.assert_outcomes(passed=4)
    result.stdout.fnmatch_lines([f"test_it.py::test_it[[]{kind}] PASSED*" for kind in KINDS])
    assert project.here("-k", "wide-at").parseoutcomes() == {"passed": 1, "deselected": 3}


def test_kinds_are_collected_without_twisted_or_secrets(project):
    project.test("""
        import pytest

        @pytest.mark.sipreg_typos("vicidial")
        def test_it(sipreg_typo): pass
        """)
    project.write(
        "conftest.py", "import sys\ndef pytest_unconfigure():\n    print('LOADED', 'twisted' in sys.modules)\n"
    )
    one, two = (project.run("--collect-only", "-q") for _ in range(2))
    one.stdout.fnmatch_lines(["test_it.py::test_it[[]password-swapped]", "LOADED False"])
    ids = [line for line in one.outlines if "::" in line]
    assert ids == [line for line in two.outlines if "::" in line]
    assert len(ids) > 50
    assert all(re.fullmatch(r"test_it\.py::test_it\[[a-z0-9-]+\]", each) for each in ids)


def test_under_xdist_each_mistake_is_the_same(project):
    project.test(TEST)
    alone = project.here("--sipreg-seed=4711", "-s", "-k", "wrong or missing")
    spread = project.run("--sipreg-seed=4711", "-n2", "-rP", plugins=["xdist.plugin"])
    spread.assert_outcomes(passed=4)
    assert told(alone)
    assert told(alone).items() <= told(spread).items()
    places = {told(project.here(f"--sipreg-seed={seed}", "-s", "-k", "wrong"))["password-wrong"] for seed in range(6)}
    assert len(places) > 1


def test_last_failed(project):
    project.test(TEST.replace('print("MADE"', 'assert sipreg_typo.kind != "wide-at", ("MADE"'))
    options = ("-p", "pytest_sipreg.plugin", "-p", "cacheprovider", "-q")
    project.pytester.runpytest_subprocess(*options).assert_outcomes(passed=3, failed=1)
    again = project.pytester.runpytest_subprocess(*options, "--lf")
    again.assert_outcomes(failed=1)
    again.stdout.fnmatch_lines(["FAILED test_it.py::test_it[[]wide-at]*"])


def test_a_failure_shows_the_mistake(project):
    project.test("""
        import pytest

        @pytest.mark.sipreg_typos("freeswitch", kinds=["password-wrong", "at-missing"])
        def test_it(sipreg_typo):
            assert not sipreg_typo, "silent"
        """)
    result = project.here("-k", "wrong")
    result.assert_outcomes(failed=1, deselected=1)
    result.stdout.fnmatch_lines(
        [
            "E * <AccountTypo password-wrong of trunk1: refused>",
            "*- SIP typo -*",
            "password-wrong: A character of the password is from a key beside the right one, at line 4, column *.",
            '  right    <param name="password" value="*"/>',
            '  given    <param name="password" value="*"/>',
            "         * ^",
            "  freeswitch-gateway: it logs in with what the carrier refuses (refused)",
            "*- SIP traffic -*",
            "seed *",
        ]
    )


def test_a_kind_that_does_not_apply_skips_with_the_reason(project):
    project.test("""
        import pytest

        @pytest.mark.sipreg_typos("vicidial", kinds=["brackets-missing", "note-behind", "wide-at"])
        def test_it(sipreg_typo): pass
        """)
    result = project.here("-rs")
    result.assert_outcomes(passed=1, skipped=2)
    result.stdout.fnmatch_lines_random(
        [
            "SKIPPED*brackets-missing: the text has no IPv6 host",
            "SKIPPED*note-behind: it logs in all the same",
        ]
    )


def test_an_account_of_one_s_own(project):
    project.test("""
        import pytest

        @pytest.fixture
        def sipreg_typo_account(sipreg):
            return sipreg.add_account("main", "gE7heim$Wort", grant=5)

        @pytest.mark.sipreg_typos("vicidial", kinds=["password-question-mark", "password-unquoted", "wide-at"])
        def test_it(sipreg, sipreg_typo):
            assert sipreg_typo.account.name == "main"
            assert sipreg_typo.account.registration_string("vicidial") == sipreg_typo.right
            sipreg.user_agent("nobody", secret="x").register()
            pytest.fail("on purpose")

        class TestOther:
            @pytest.fixture
            def sipreg_typo_account(self):
                return "other"

            @pytest.mark.sipreg_typos(kinds="wide-at", config=True, transport="tcp")
            def test_it(self, sipreg, sipreg_typo):
                assert sipreg.account("other") is sipreg_typo.account
                assert sipreg_typo.account.config("asterisk-chan_sip", transport="tcp") == sipreg_typo.right
        """)
    result = project.here("-rs")
    result.assert_outcomes(failed=2, passed=1, skipped=1)
    result.stdout.fnmatch_lines(["SKIPPED*password-unquoted: the text has no quotes around its password"])
    section = result.stdout.str().partition("SIP typo")[2].partition("SIP traffic")[0]
    assert "•" in section
    for piece in ("gE7h", "heim", "Wort"):
        assert piece not in "\n".join(line for line in result.outlines if not re.match(r"[ >] ", line[:2]))


def test_an_account_of_a_carrier_that_nobody_watches(project):
    project.test("""
        import pytest
        from mockregistrar import MockRegistrar

        @pytest.fixture
        def sipreg_typo_account():
            with MockRegistrar() as carrier:
                yield carrier.add_account("main", "gE7heimWort")

        @pytest.mark.sipreg_typos(kinds="wide-at")
        def test_it(sipreg_typo):
            pytest.fail("on purpose")
        """)
    result = project.here()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*- SIP typo -*", "  given  register => main:•••••••••••＠127.0.0.1:*/main"])
    result.stdout.no_fnmatch_line("*SIP traffic*")


def test_a_carrier_for_the_session(project):
    project.test("""
        import pytest

        @pytest.fixture(scope="module")
        def carrier(sipreg_factory):
            return sipreg_factory.start()

        @pytest.fixture
        def sipreg_typo_account(carrier):
            carrier.reset()
            return carrier.add_account("main", "gE7heimWort")

        @pytest.mark.sipreg_typos(kinds=["wide-at", "password-case"])
        def test_it(carrier, sipreg_typo):
            assert carrier.masker.text(sipreg_typo.text).count("•") == 11
            assert sipreg_typo.right == carrier.account("main").registration_string()
        """)
    project.here().assert_outcomes(passed=2)


def test_markers_of_module_class_and_function(project):
    project.test("""
        import pytest

        pytestmark = pytest.mark.sipreg_typos("vicidial", kinds="wide-*")

        def test_that_does_not_ask(sipreg): pass

        def test_module(sipreg_typo): assert sipreg_typo.dialect == "vicidial-carrier"

        @pytest.mark.sipreg_typos("baresip")
        class TestIt:
            def test_class(self, sipreg_typo): assert sipreg_typo.dialect == "baresip-accounts"

            @pytest.mark.sipreg_typos(without="*-colon")
            def test_function(self, sipreg_typo): assert sipreg_typo.kind == "wide-at"

        @pytest.mark.sipreg(persona=["kamailio"])
        @pytest.mark.sipreg_typos(kinds="at-missing")
        def test_both(sipreg, sipreg_typo, sipreg_config): assert sipreg.settings.persona == ("kamailio",)

        @pytest.mark.sipreg(persona="*")
        @pytest.mark.sipreg_typos(kinds="at-missing")
        def test_every(sipreg, sipreg_typo, sipreg_persona): pass
        """)
    project.here("-k", "not every").assert_outcomes(passed=7)
    ids = [line for line in project.here("--collect-only", "-q", "-k", "every and kamailio").outlines if "::" in line]
    assert "at-missing" in ids[0]


@pytest.mark.parametrize(
    ("marker", "says"),
    [
        ('"vicidal"', "unknown dialect 'vicidal'; did you mean 'vicidial'[?]*"),
        ('"vicidial", kinds="pasword-*"', "there is no kind of typo `pasword-[*]`; did you mean `password-[*]`[?]"),
        ('"vicidial", kinds="opening-*"', "none of opening-[*] keeps a trunk from logging in in vicidial; *"),
        ('"vicidial", kind="wide-at"', "has no argument `kind`; did you mean `kinds`[?]"),
        ('"vicidial", "baresip"', "takes one dialect, and keywords: sipreg_typos(*"),
        ('"vicidial", transport="sctp"', "transport 'sctp' is not one of udp, tcp, tls"),
        ('"jssip"', "jssip does not do for an account of the carrier: JsSIP speaks WebSocket only*"),
        ('"vicidial", kinds=7', "kinds are ids or globs of them, not 7"),
        ('["vicidial"]', "takes one dialect by name, not [[]'vicidial'[]]"),
    ],
)
def test_bad_arguments_are_errors_of_the_collection(project, marker, says):
    project.test(f"""
        import pytest

        @pytest.mark.sipreg_typos({marker})
        def test_it(sipreg_typo): pass

        def test_other(): pass
        """)
    result = project.here()
    assert result.ret == pytest.ExitCode.INTERRUPTED
    result.stdout.fnmatch_lines([f"*test_it.py::test_it: @pytest.mark.sipreg_typos {says}"])
    result.stdout.no_fnmatch_line("*During handling*")


def test_a_marked_test_has_to_ask_for_the_mistake_and_the_mistake_for_the_mark(project):
    project.test("""
        import pytest

        @pytest.mark.sipreg_typos("vicidial")
        def test_it(sipreg): pass
        """)
    result = project.here()
    result.stdout.fnmatch_lines(["*sipreg_typos takes a test that asks for the fixture `sipreg_typo`: it holds *"])
    project.test("def test_it(sipreg_typo): pass")
    result = project.here()
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*the fixture `sipreg_typo` takes a test function with @pytest.mark.sipreg_typos"])


def test_a_string_that_the_dialect_cannot_write_is_an_error_not_a_skip(project):
    project.test("""
        import pytest

        @pytest.fixture
        def sipreg_typo_account(sipreg):
            return sipreg.add_account("main", "gE7;Wort")

        @pytest.mark.sipreg_typos("vicidial", kinds="wide-at")
        def test_it(sipreg_typo): pass
        """)
    result = project.here()
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["E *CannotRender: VICIdial deletes every `;`*"])


def test_it_is_in_the_help(project):
    result = project.here("--markers")
    result.stdout.fnmatch_lines(["@pytest.mark.sipreg_typos(dialect='asterisk-chan_sip', [*], kinds='[*]', *"])
    result = project.here("--fixtures", "-v")
    result.stdout.fnmatch_lines_random(["sipreg_typo -- *", "sipreg_typo_account -- *"])
