"""A dialer project's own tests: the fixture is the carrier, the built-in client stands in for the dialer."""


def test_trunk_comes_up(sipreg):
    account = sipreg.add_account("trunk1")
    dialer = sipreg.user_agent(account, manners="asterisk-chan_sip")
    with sipreg.expect_registration(account, timeout=20) as registered:
        dialer.register()
    assert registered.binding.expires_in > 60


def test_what_to_paste(sipreg):
    account = sipreg.add_account("trunk1", "s3cret")
    line = account.registration_string("vicidial")
    assert line == f"register => trunk1:s3cret@127.0.0.1:{sipreg.port}/trunk1"


def test_it_notices_a_lapse(sipreg):
    account = sipreg.add_account("trunk1")
    dialer = sipreg.user_agent(account)
    dialer.register()
    dialer.close()  # power cut: nothing is unregistered, and no refresh comes
    sipreg.advance(3601)
    lapse = sipreg.wait_for_lapse(account)
    assert lapse.account == "trunk1"
    sipreg.assert_not_registered(account)


def test_expiry_without_waiting(sipreg):
    phone = sipreg.user_agent("alice", manners="asterisk-chan_sip")
    phone.register()
    sipreg.advance(3600)  # thirty refreshes, in milliseconds
    sipreg.assert_registered("alice")


def test_wrong_password(sipreg):
    sipreg.add_account("trunk1", "right")
    dialer = sipreg.user_agent("trunk1", secret="wrong")
    assert not dialer.register()
    sipreg.assert_refused("trunk1", because="wrong-password")


def test_ip_trunk(sipreg):
    sipreg.add_account("trunk1", secret=False, networks=["127.0.0.2/32"])
    assert sipreg.user_agent("trunk1", source="127.0.0.2").register()
    assert not sipreg.user_agent("trunk1", source="127.0.0.3").register()
    sipreg.assert_refused("trunk1", because="ip-not-allowed")


def test_an_outage(sipreg):
    account = sipreg.add_account("trunk1")
    dialer = sipreg.user_agent(account, transport="tcp")
    assert dialer.register()
    with sipreg.outage("503", forget=["nonces"]):
        assert dialer.refresh().status == 503
    assert dialer.register()
