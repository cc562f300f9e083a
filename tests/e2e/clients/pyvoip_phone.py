"""A phone of pyVoIP, run as a program of its own: says each state it enters, unregisters at the word "unregister"."""

import sys

from pyVoIP.VoIP import VoIPPhone


class Phone(VoIPPhone):
    """The library's phone, its state told as it changes."""

    @property
    def _status(self):
        return self._state

    @_status.setter
    def _status(self, state):
        self._state = state
        print(state.name, flush=True)


def main(user: str, secret: str, host: str, port: str, expires: str, source: str, own_port: str) -> None:
    phone = Phone(host, int(port), user, secret, myIP=source, sipPort=int(own_port))
    phone.sip.default_expires = int(expires)
    phone.start()
    sys.stdin.readline()
    phone.stop()


main(*sys.argv[1:])
