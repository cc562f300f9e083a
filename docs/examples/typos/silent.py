"""A dialer that passes over lines that it cannot read."""

import re

import pytest

LINE = re.compile(r"register *=> *(\w+):(.*)@(.*):(\d+)/(\w+)")


class SilentDialer:
    def load(self, config):
        """Return what there is to say of a config."""
        self.trunks = [found.groups() for found in map(LINE.fullmatch, config.splitlines()) if found]
        return []


@pytest.mark.sipreg_typos("asterisk", kinds="at-missing")
def test_it_reports_a_bad_string(sipreg_typo):
    alerts = SilentDialer().load(sipreg_typo.text)
    assert alerts
