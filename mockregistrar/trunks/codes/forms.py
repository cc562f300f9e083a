"""The codes of what is found in older register lines and in the forms of PBXes that write registrations."""

from __future__ import annotations

from mockregistrar.trunks.model import Severity

ROWS: tuple[tuple[str, Severity, str, str], ...] = (
    (
        "SR301",
        "error",
        "Asterisk 1.4 does not know this",
        (
            "`transport://`, `peer?`, `~expiry` and quotes around a field came with later versions. Asterisk 1.4 takes "
            "them for parts of the user name, the password or the extension."
        ),
    ),
    (
        "SR302",
        "error",
        "a second `@` in an IAX2 registration",
        "IAX2 cuts at the first `@` and has no way to write one in a password.",
    ),
    (
        "SR303",
        "error",
        "a second `:` in an IAX2 registration",
        "IAX2 knows user and password only. What stands behind a second `:` is dropped.",
    ),
    (
        "SR304",
        "hint",
        "a registration of IAX2",
        "IAX2 is another protocol, on port 4569. A SIP registrar does not answer it.",
    ),
    (
        "SR305",
        "error",
        "a part that IAX2 does not have",
        "A registration of IAX2 is `user:secret@host:port`. An extension or an expiry behind it spoils the host name.",
    ),
    (
        "SR310",
        "hint",
        "the trunk does not register",
        "Nothing is registered from this form. That is right where the carrier knows your address.",
    ),
    (
        "SR311",
        "warning",
        "the name of the trunk becomes the user name",
        (
            "With Authentication Inbound or Both, or without a username, FreePBX takes the name of the trunk for the "
            "user name, in the URI and for the login (FREEPBX-17062)."
        ),
    ),
    (
        "SR312",
        "error",
        "no server in the form",
        "FreePBX refuses to write a pjsip trunk without SIP Server.",
    ),
    (
        "SR313",
        "error",
        "a scheme or a port in the server field",
        "SIP Server takes a bare host: FreePBX adds `sip:` by itself, and the port from a field of its own.",
    ),
    (
        "SR320",
        "warning",
        "a comment in a field that loses its `;`",
        (
            "VICIdial deletes every `;` from the account entry: what was a comment is read as an option, or is a bad "
            "line where it has no `=`."
        ),
    ),
    (
        "SR321",
        "error",
        "a registration string in a PJSIP carrier",
        (
            "VICIdial never writes the registration string of a carrier with Protocol PJSIP or PJSIP_WIZ. The "
            "registration belongs into the Account Entry, as `type=registration` and `type=auth`."
        ),
    ),
    (
        "SR322",
        "error",
        "a registration string that is not used",
        "With Protocol EXTERNAL or Zap VICIdial writes nothing for the carrier.",
    ),
    (
        "SR323",
        "warning",
        "every server logs in to one account",
        (
            "With Server IP 0.0.0.0 the carrier is written on every server. All of them register the one account, and "
            "the last one gets the calls."
        ),
    ),
    (
        "SR324",
        "warning",
        "a string as long as the column",
        "The Registration String is a VARCHAR(255): what is longer is cut, so that one of exactly 255 is suspicious.",
    ),
    (
        "SR325",
        "warning",
        "quotes that the page loses at the next edit",
        'The page prints the value raw into `value="…"`. A `"` ends it there; the next edit stores what is left.',
    ),
    (
        "SR326",
        "warning",
        "a peer that does not exist",
        "The Globals String or the Dialplan Entry dials a peer that the Account Entry does not define: calls fail.",
    ),
    (
        "SR327",
        "warning",
        "a global that is not set",
        "The Dialplan Entry uses a variable that the Globals String of the carrier does not set.",
    ),
    (
        "SR328",
        "hint",
        "a template that was not given",
        "The carrier uses a template; what it adds is in `vicidial_conf_templates`, and was not read.",
    ),
    (
        "SR329",
        "hint",
        "a carrier that is not active",
        "VICIdial writes active carriers only.",
    ),
    (
        "SR330",
        "error",
        "an account entry for another protocol",
        (
            "VICIdial writes the Account Entry into the file of the carrier's Protocol. Sections for another one mean "
            "nothing there: `type=peer` and `type=friend` are chan_sip's, `type=endpoint`, `type=registration` and the "
            "like PJSIP's, `type=wizard` the PJSIP wizard's."
        ),
    ),
    (
        "SR331",
        "error",
        "an account entry without a section",
        "Its options fall into the section above: [general], or that of another carrier. It begins with `[name]`.",
    ),
    (
        "SR332",
        "warning",
        "a number where PJSIP wants a URI",
        (
            "`SIP/name/number` dials a number through a peer of chan_sip. With PJSIP it is `PJSIP/number@name`, or "
            "`PJSIP/name/sip:number@host`."
        ),
    ),
    (
        "SR333",
        "warning",
        "a word in a field that stays empty",
        "The Registration String is written as typed. Where nothing is to be registered the field stays empty.",
    ),
)
