import pytest
from careful import CarefulDialer


@pytest.fixture
def sipreg_typo_account(sipreg):
    return sipreg.add_account("main", "kD7m$Wq2x", grant=5)


@pytest.mark.sipreg_typos("asterisk", kinds=["password-*", "at-*"], without="*-look-alike")
def test_it_reports_a_bad_string(sipreg_typo):
    dialer = CarefulDialer()
    dialer.load(sipreg_typo.text)
    assert dialer.alerts
