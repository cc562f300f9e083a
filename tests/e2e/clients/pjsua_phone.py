"""pjsua, as far as logging in goes: its options, given to pjsip itself by way of pjsip's own Python binding.

Run as `pjsua` by a shell, with the words of a command line; `PJSUA_SOURCE` is the address to send from.
"""

import getopt
import os
import sys

import pjsua2


class Account(pjsua2.Account):
    """An account that says how its registration goes."""

    def onRegState(self, state):
        print(f"registration: {state.code} {state.reason}, {state.expiration} s", flush=True)


OPTIONS = ("id", "registrar", "realm", "username", "password", "reg-timeout")


def options(words):
    """What getopt_long makes of the words, as pjsua does: the options of each account."""
    found, _ = getopt.gnu_getopt(words, "", [*(f"{name}=" for name in OPTIONS), "next-account"])
    accounts = [{}]
    for name, value in found:
        if name == "--next-account":
            accounts.append({})
        else:
            accounts[-1][name[2:]] = value
    return accounts


def account(given):
    """The account that pjsua makes of its options."""
    config = pjsua2.AccountConfig()
    config.idUri = given["id"]
    config.regConfig.registrarUri = given["registrar"]
    config.regConfig.timeoutSec = int(given.get("reg-timeout", 300))
    if "username" in given:
        credentials = pjsua2.AuthCredInfo("digest", given.get("realm", ""), given["username"], 0, given["password"])
        config.sipConfig.authCreds.append(credentials)
    made = Account()
    made.create(config)
    return made


def main(words):
    endpoint = pjsua2.Endpoint()
    endpoint.libCreate()
    config = pjsua2.EpConfig()
    config.logConfig.level = config.logConfig.consoleLevel = 1
    config.uaConfig.threadCnt = 0
    config.uaConfig.mainThreadOnly = True
    endpoint.libInit(config)
    own = pjsua2.TransportConfig()
    own.boundAddress = os.environ["PJSUA_SOURCE"]
    endpoint.transportCreate(pjsua2.PJSIP_TRANSPORT_UDP, own)
    endpoint.transportCreate(pjsua2.PJSIP_TRANSPORT_TCP, own)
    endpoint.libStart()
    endpoint.audDevManager().setNullDev()
    accounts = [account(given) for given in options(words)]  # held on to: pjsip drops what nobody holds
    while accounts:
        endpoint.libHandleEvents(100)


main(sys.argv[1:])
