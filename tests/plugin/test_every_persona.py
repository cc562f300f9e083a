"""Personas in the marker, one or every one, and in sipreg.toml."""

from __future__ import annotations

from mockregistrar import PERSONAS

pytest_plugins = ("pytester",)


def test_personas_of_the_marker(project):
    project.test("""
        import pytest

        pytestmark = pytest.mark.sipreg(persona="kamailio")

        def test_one(sipreg):
            assert sipreg.settings.qop == ("none",)

        @pytest.mark.sipreg(persona=["asterisk-pjsip", "no-stale"], nonce_ttl=9)
        def test_several(sipreg, sipreg_persona):
            s = sipreg.settings
            assert (s.qop, s.stale, s.nonce_ttl, s.max_expires) == (("auth",), False, 9, 7200)
            assert sipreg_persona is None

        @pytest.mark.parametrize("persona", ["opensips", "freeswitch"])
        def test_some(make_sipreg, persona):
            assert make_sipreg(persona=persona).settings.nonce_ttl in (30, 60)
        """)
    project.here().assert_outcomes(passed=4)


def test_every_persona(project):
    project.write("sipreg.toml", '[persona.mine]\nlike = "kamailio"\nqop = "auth"\n')
    project.test("""
        import pytest

        @pytest.mark.sipreg(persona="*")
        def test_it(sipreg, sipreg_persona):
            assert sipreg.settings.persona == (sipreg_persona,)

        @pytest.mark.sipreg(persona="*")
        class TestIt:
            def test_without_naming_it(self, make_sipreg):
                assert len(make_sipreg(min_expires=7).settings.persona) == 1

            @pytest.mark.sipreg(persona="strict")
            def test_but_one(self, sipreg):
                assert sipreg.settings.persona == ("strict",)
        """)
    result = project.here("-v")
    number = len(PERSONAS) + 1
    result.assert_outcomes(passed=2 * number + 1)
    for name in (*PERSONAS, "mine"):
        result.stdout.fnmatch_lines([f"test_it.py::test_it[[]{name}] PASSED*"])


def test_a_persona_for_the_whole_run(project):
    project.write("sipreg.toml", '[persona.mine]\nlike = "kamailio"\n[carrier.a]\nqop = "auth"\n')
    project.test("""
        import pytest

        def test_it(sipreg):
            s = sipreg.settings
            print("SEEN", s.short_expires, s.stale, s.qop, *s.persona)

        @pytest.mark.sipreg(persona="strict")
        def test_marked(sipreg):
            print("SEEN", sipreg.settings.digest_uri, sipreg.settings.short_expires)
        """)
    result = project.here("--sipreg-persona", "mine,no-stale", "-s")
    result.stdout.fnmatch_lines(["sipreg: mock carrier * (udp tcp tls), persona mine no-stale, seed *"])
    result.stdout.fnmatch_lines(["*SEEN raise False ('auth',) mine no-stale", "*SEEN exact reject"])
    project.setenv("SIPREG_PERSONA", "kamalio")
    result = project.here()
    assert result.ret == 4
    result.stderr.fnmatch_lines(["ERROR: SIPREG_PERSONA: no persona 'kamalio'; did you mean `kamailio`?"])


def test_mistakes_are_errors_of_the_test(project):
    project.test("""
        import pytest, unittest

        @pytest.mark.sipreg(persona="kamalio")
        def test_one(sipreg): pass

        @pytest.mark.sipreg(persona="*")
        class TestIt(unittest.TestCase):
            @pytest.fixture(autouse=True)
            def carrier(self, sipreg):
                self.sipreg = sipreg

            def test_two(self): pass
        """)
    result = project.here()
    result.assert_outcomes(errors=2)
    result.stdout.fnmatch_lines(["E*persona: no persona 'kamalio'; did you mean `kamailio`?"])
    result.stdout.fnmatch_lines(["E*persona: `[*]` takes a test function; a method of unittest.TestCase runs once"])


def test_the_report_tells_what_is_the_persona_s(project):
    project.test("""
        import pytest

        @pytest.mark.sipreg(persona="no-stale")
        def test_it(sipreg):
            assert False
        """)
    result = project.here()
    result.stdout.fnmatch_lines(["*stale = False  (persona)*", "*persona = ('no-stale',)  (marker)*"])
