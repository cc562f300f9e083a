"""What all test files share: the folder's own modules, with their assertions explained."""

import pytest

pytest.register_assert_rewrite("playbook", "client_stage")


@pytest.fixture(autouse=True)
def _printed_as_at_a_desk(monkeypatch):
    """The runs of pytest that tests start print the same anywhere: on a CI server its summary is longer."""
    for name in ("CI", "BUILD_NUMBER"):
        monkeypatch.delenv(name, raising=False)
