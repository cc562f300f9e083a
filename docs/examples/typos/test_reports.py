import pytest
from careful import CarefulDialer


@pytest.fixture
def dialer():
    return CarefulDialer()


@pytest.mark.sipreg_typos("asterisk")
def test_it_reports_a_bad_string(sipreg, sipreg_typo, dialer):
    dialer.load(sipreg_typo.text)
    sipreg.assert_not_registered(sipreg_typo.account)
    assert dialer.alerts


def test_it_is_content_with_a_right_one(sipreg, dialer):
    account = sipreg.add_account("trunk1")
    dialer.load(account.registration_string("asterisk"))
    assert not dialer.alerts


def test_all_of_them_at_once(sipreg, dialer):
    account = sipreg.add_account("trunk1")
    for typo in sipreg.typos(account, "asterisk", kinds="*-missing"):
        dialer.load(typo.text)
        assert dialer.alerts.pop(), typo.description
