"""A test that fails on purpose: the dialer has another password than the carrier."""


def test_trunk_comes_up(sipreg):
    sipreg.add_account("trunk1", "pa55word")
    dialer = sipreg.user_agent("trunk1", secret="pa55w0rd")
    dialer.register()
    sipreg.wait_for_registration("trunk1", timeout=1)
