"""Runs a program with a phone of pyVoIP: says each state it enters, unregisters at the word "unregister".

The program is told nothing of where it runs: its phone gets the address and the port to send from here.
"""

import runpy
import sys
from functools import partial

from pyVoIP import VoIP


class Phone(VoIP.VoIPPhone):
    """The library's phone, its state told as it changes."""

    @property
    def _status(self):
        return self._state

    @_status.setter
    def _status(self, state):
        self._state = state
        print(state.name, flush=True)


def main(program: str, source: str, own_port: str) -> None:
    VoIP.VoIPPhone = partial(Phone, myIP=source, sipPort=int(own_port))
    phone = runpy.run_path(program)["phone"]
    sys.stdin.readline()
    phone.stop()


main(*sys.argv[1:])
