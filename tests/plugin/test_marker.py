"""The marker: its settings, how several are merged, and mistakes in it."""

from __future__ import annotations

pytest_plugins = ("pytester",)


def test_module_class_and_function_are_merged(project):
    project.test("""
        import pytest

        pytestmark = pytest.mark.sipreg(min_expires=1, max_expires=100, realm="module")

        @pytest.mark.sipreg(max_expires=200, realm="class")
        class TestIt:
            @pytest.mark.sipreg(realm="function", timeout=3, transports="tcp")
            def test_it(self, sipreg):
                s = sipreg.settings
                assert (s.min_expires, s.max_expires, s.realm) == (1, 200, "function")
                assert sipreg.timeout == 3
                assert [place.transport for place in sipreg.listening] == ["tcp"]

            @pytest.mark.sipreg(realm="function")
            def test_a_call_beats_the_marker(self, make_sipreg):
                assert make_sipreg(realm="call").realm == "call"
                assert make_sipreg().realm == "function"
        """)
    project.here().assert_outcomes(passed=2)


def test_an_unknown_keyword_is_a_collection_error(project):
    project.test("""
        import pytest

        @pytest.mark.sipreg(min_expire=1)
        def test_one(sipreg): pass

        @pytest.mark.sipreg(min_expire=1)
        def test_two(): pass
        """)
    result = project.here()
    assert result.ret == 2
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(
        [
            "*ERROR collecting test_it.py*",
            "test_it.py::test_one: @pytest.mark.sipreg has no setting `min_expire`; did you mean `min_expires`?",
        ]
    )
    assert "test_two" not in result.stdout.str()


def test_an_unknown_keyword_on_a_unittest_method(project):
    project.test("""
        import pytest, unittest

        class TestIt(unittest.TestCase):
            @pytest.mark.sipreg(realms="x")
            def test_one(self): pass
        """)
    result = project.here()
    assert result.ret == 2
    result.stdout.fnmatch_lines(["*has no setting `realms`; did you mean `realm`?"])


def test_a_positional_argument_is_a_collection_error(project):
    project.test("""
        import pytest

        @pytest.mark.sipreg("acme")
        def test_one(): pass
        """)
    result = project.here()
    assert result.ret == 2
    result.stdout.fnmatch_lines(["*@pytest.mark.sipreg takes keywords only, e.g. sipreg(min_expires=30)"])


def test_a_wrong_value_is_an_error_of_the_test(project):
    project.test("""
        import pytest

        @pytest.mark.sipreg(access="magic")
        def test_one(sipreg): pass

        @pytest.mark.sipreg(transports="upd")
        def test_two(sipreg): pass
        """)
    result = project.here()
    result.assert_outcomes(errors=2)
    result.stdout.fnmatch_lines(["E*access: 'magic' is not one of digest, ip, both, either*"])
    result.stdout.fnmatch_lines(["E*transports: no transport 'upd'; did you mean `udp`?*"])


def test_it_does_nothing_without_a_fixture(project):
    project.test("""
        import pytest, sys

        @pytest.mark.sipreg(min_expires=1)
        def test_one():
            assert "twisted" not in sys.modules
        """)
    project.run().assert_outcomes(passed=1)


def test_it_is_listed_with_its_signature(project):
    project.here("--markers").stdout.fnmatch_lines(
        ["@pytest.mark.sipreg([*], bind, transports, timeout, strict, [*][*]settings)*"]
    )
