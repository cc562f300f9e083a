import pytest


@pytest.mark.sipreg(persona="kamailio", nonce_ttl=20)
def test_at_kamailio(sipreg):
    phone = sipreg.user_agent("alice", expiry=30)
    assert phone.register().expires_in == 60  # raised without a word


@pytest.mark.sipreg(persona="*")
def test_at_every_carrier_we_know(sipreg, sipreg_persona):
    refuses_at_first = ("403-then-fine", "503-bare", "503-retry-after")
    takes_0_s_for_no_login = ("grant-zero",)
    phone = sipreg.user_agent("alice")
    assert phone.register().ok == (sipreg_persona not in refuses_at_first + takes_0_s_for_no_login)


@pytest.mark.parametrize("persona", ["kamailio", "opensips", "asterisk-pjsip"])
def test_at_some(make_sipreg, persona):
    carrier = make_sipreg(persona=[persona, "no-stale"])
    assert carrier.user_agent("alice").register().ok


def test_at_our_own(make_sipreg):
    assert make_sipreg().realm == "voice"  # sipreg.toml says so
