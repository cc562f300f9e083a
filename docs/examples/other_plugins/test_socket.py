import pytest


@pytest.mark.enable_socket
def test_registers(sipreg):
    assert sipreg.user_agent("trunk1").register()
