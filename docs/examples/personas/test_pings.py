import pytest


@pytest.mark.sipreg(qualify=60)
def test_it_answers_pings(sipreg):
    phone = sipreg.user_agent("alice")
    phone.register()
    sipreg.advance(3600)
    assert sipreg.bindings("alice")[0].reachable


@pytest.mark.sipreg(persona="ping-or-go", qualify_timeout=0.5)
def test_who_does_not_answer_is_removed(sipreg):
    phone = sipreg.user_agent("alice")
    phone.register()
    with sipreg.fault("drop OPTIONS from alice out"):
        sipreg.advance(61)
    assert sipreg.wait_for_lapse("alice").because == "unreachable"
