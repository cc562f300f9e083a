"""Faults in tests: from the marker and the fixture, and what is said of those that touched nothing."""

from __future__ import annotations

pytest_plugins = ("pytester",)


def test_faults_of_the_marker_are_on_from_the_start(project):
    project.test("""
        import pytest

        @pytest.mark.sipreg(faults=["answer REGISTER 503 first=1"])
        def test_it(sipreg):
            phone = sipreg.user_agent("alice")
            assert phone.register(timeout=3).status == 503
            assert sipreg.faults()[0].fired == 1

        @pytest.mark.sipreg(faults="drop OPTIONS optional")
        def test_optional(sipreg):
            assert sipreg.user_agent("alice").register().ok
        """)
    project.run().assert_outcomes(passed=2)


def test_one_that_touched_nothing_fails_the_test_when_it_is_over(project):
    project.test("""
        import pytest

        @pytest.mark.sipreg(faults=["drop INVITE from alice"])
        def test_of_the_marker(sipreg):
            sipreg.user_agent("alice").register()

        def test_without_a_block(sipreg):
            sipreg.fault("drop REGISTER from bob")
            sipreg.user_agent("alice").register()

        def test_removed(make_sipreg):
            make_sipreg().fault("drop REGISTER").remove()

        def test_told_by_its_block(sipreg):
            with pytest.raises(AssertionError, match="never touched"), sipreg.fault("drop BYE"):
                pass

        def test_that_failed_anyhow(sipreg):
            sipreg.fault("drop BYE")
            assert False, "for itself"
        """)
    result = project.run()
    result.assert_outcomes(passed=4, failed=1, errors=3)
    result.stdout.fnmatch_lines(
        [
            "*ERROR at teardown of test_of_the_marker*",
            "sipreg: the fault `drop INVITE from alice` never touched a message. Closest, with what differs:",
            "  REGISTER of `alice` from 127.0.0.1 (udp), twice: is REGISTER, not INVITE",
            "Change what it asks for, or mark it `optional` if nothing need come.",
            "sipreg: the fault `drop REGISTER from bob` never touched*",
            "make_sipreg: the fault `drop REGISTER` never touched a message. No message came while it was on.",
        ]
    )
    assert result.stdout.str().count("never touched a message") == 3


def test_faults_of_the_file_need_not_touch_something_in_every_test(project):
    project.write("sipreg.toml", '[carrier.acme]\nfaults = ["delay REGISTER by=50ms", "drop INVITE"]\n')
    project.test("""
        def test_it(sipreg):
            assert sipreg.user_agent("alice").register().ok
            assert [fault.fired for fault in sipreg.faults()] == [2, 0]
        """)
    project.run().assert_outcomes(passed=1)


def test_those_of_a_carrier_for_the_session_belong_to_the_test_that_added_them(project):
    project.test("""
        import pytest

        @pytest.fixture(scope="session")
        def carrier(sipreg_factory):
            return sipreg_factory.start()

        def test_one(carrier):
            carrier.fault("drop BYE").remove()

        def test_two(carrier):
            pass
        """)
    result = project.run()
    result.assert_outcomes(passed=2, errors=1)
    result.stdout.fnmatch_lines(["*ERROR at teardown of test_one*"])


def test_a_mistake_in_the_marker_points_at_its_place(project):
    project.test("""
        import pytest

        @pytest.mark.sipreg(faults=["drop REGITER"])
        def test_it(sipreg):
            pass
        """)
    result = project.run()
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*faults: no word `REGITER`; did you mean `REGISTER`? (column 6 of `drop REGITER`)"])


def test_a_failing_test_shows_which_fault_touched_what(project):
    project.test("""
        def test_it(sipreg):
            with sipreg.fault("answer REGISTER 403 from alice"):
                assert sipreg.user_agent("alice").register().ok
        """)
    result = project.run()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "refused   REGISTER for `alice`: fault, answered 403",
            "  why     the fault `answer REGISTER from alice status=403` answered it 403.",
            "*fault 1 (answer REGISTER from alice status=403): REGISTER of alice answered 403",
        ]
    )
