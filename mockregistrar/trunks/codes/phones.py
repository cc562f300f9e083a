"""The codes of what is found in the files that desk phones and adapters are provisioned with."""

from __future__ import annotations

from mockregistrar.trunks.model import Severity

ROWS: tuple[tuple[str, Severity, str, str], ...] = (
    (
        "SR701",
        "warning",
        "a `&` that begins no entity",
        "In XML a plain `&` is written `&amp;`. Some phones let it pass, others refuse the whole file.",
    ),
    (
        "SR702",
        "warning",
        "a misspelt setting",
        "Phones ignore settings that they do not know, without a message.",
    ),
    (
        "SR703",
        "hint",
        "a setting that stands there twice",
        "The last of two settings with the same name counts.",
    ),
    (
        "SR704",
        "warning",
        "a note behind a value",
        "A `#` begins a comment only where the line begins with it. Behind a value it belongs to the value.",
    ),
    (
        "SR705",
        "hint",
        "the first line is missing",
        "A cfg of Yealink begins with `#!version:1.0.0.1`, else the phone reads nothing of it.",
    ),
    (
        "SR706",
        "warning",
        "an account that is not switched on",
        "`account.N.enable` is 0 from the factory: without `account.N.enable = 1` a Yealink does not register.",
    ),
    (
        "SR707",
        "error",
        "an account without a user or a server",
        (
            "Without a user name and a server a phone does not register. What is absent may come from another file, "
            "what is empty does not."
        ),
    ),
    (
        "SR708",
        "error",
        "a scheme where a bare host belongs",
        "Servers and outbound proxies of phones are bare hosts: `sip:` in front becomes part of the name.",
    ),
    (
        "SR709",
        "warning",
        "a setting without `=`",
        "A setting and its value are parted by `=`. Without it the line is ignored.",
    ),
    (
        "SR710",
        "warning",
        "a port in the wrong place",
        "The port of the server has a setting of its own on a Yealink; behind the host it is part of the name.",
    ),
    (
        "SR711",
        "error",
        "a port where the outbound proxy belongs",
        (
            "`P48` of Grandstream is the outbound proxy. A port typed there is a proxy named `5060`; the port of the "
            "server stands behind its host in `P47`."
        ),
    ),
    (
        "SR712",
        "warning",
        "not a value of this setting",
        "A value that the setting does not take. What counts is its default.",
    ),
    (
        "SR713",
        "warning",
        "minutes, not seconds",
        "`P32` of Grandstream counts minutes: 3600 asks for sixty hours, not for one.",
    ),
    (
        "SR714",
        "hint",
        "an outbound proxy that is not used",
        "An outbound proxy has a switch of its own, which is off from the factory.",
    ),
    (
        "SR715",
        "warning",
        "an Auth ID that is not used",
        "An SPA logs in with the User ID unless Use Auth ID is Yes. It is No from the factory.",
    ),
    (
        "SR716",
        "warning",
        "Use Auth ID without an Auth ID",
        "With Use Auth ID an SPA logs in with the Auth ID, also where that is empty.",
    ),
    (
        "SR717",
        "warning",
        "a domain in the user name",
        "A phone makes the address of record of the user name and the server. A domain typed with the user doubles it.",
    ),
    (
        "SR718",
        "warning",
        "a character beyond ASCII",
        "The firmware of the SPA knows ASCII only.",
    ),
    (
        "SR719",
        "hint",
        "names in place of P-values",
        "`config version=2` of Grandstream has names for the settings. They are not read here; P-values are.",
    ),
    (
        "SR720",
        "warning",
        "quotes around a value",
        "A cfg of Yealink has no quotes. What stands in quotes is taken with them.",
    ),
)
