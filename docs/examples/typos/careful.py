"""A dialer that is given a line of sip.conf, logs in with it, and says what is wrong when it cannot."""

import ipaddress
import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
from dialer import Dialer

LINE = re.compile(r"register => (\w+):([^@:/\s]+)@([\d.]+):(\d+)/(\w+)")


class CarefulDialer:
    """Keeps what it has to say in `alerts`."""

    def __init__(self):
        self.alerts = []

    def load(self, line):
        found = LINE.fullmatch(line)
        if found is None:
            self.alerts.append("this is no registration: register => USER:PASSWORD@ADDRESS:PORT/EXTENSION")
            return
        user, secret, host, port, _ = found.groups()
        try:
            ipaddress.ip_address(host)
            if not 0 < int(port) < 65536:
                raise ValueError(f"there is no port {port}")
            Dialer(user, secret, host, int(port)).register()
        except (OSError, ValueError) as error:
            self.alerts.append(f"{user} is not registered: {error}")
