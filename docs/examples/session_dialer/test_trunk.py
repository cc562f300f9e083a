"""The carrier and the dialer outlive each test; what a test is told of is what happened while it ran."""


def test_it_registers(carrier, dialer):
    binding = carrier.wait_for_registration("dialer")
    assert binding.granted == 2


def test_it_refreshes_in_time(carrier, dialer):
    refreshed = carrier.wait_for_refresh("dialer")
    assert refreshed.left > 0.2


def test_it_says_that_the_trunk_is_down(carrier, dialer):
    assert dialer.stdout.readline() == "up\n"
    with carrier.outage("silent"):
        carrier.wait_for_lapse("dialer")
        assert dialer.stdout.readline() == "down\n"
    carrier.wait_for_registration("dialer")
    assert dialer.stdout.readline() == "up\n"
