"""The options of sip.conf, so that a misspelt one can be told from an unknown one: chan_sip ignores both in silence.

Two kinds of mistakes are worth a word: a name that is a letter or two away from an option, and a name that another
system has for one (`password` for `secret`). Any other unknown name may belong to another module, or to a patch.
"""

from __future__ import annotations

import difflib
from functools import lru_cache

_GENERAL = """
    accept_outofcall_message allowexternaldomains allowguest alwaysauthreject auth_message_requests
    auth_options_requests authfailureevents autocreatepeer autodomain bindaddr bindport callevents compactheaders
    cos_audio cos_sip cos_text cos_video defaultexpirey defaultexpiry directrtpsetup domain domainsasrealm dumphistory
    dynamic_exclude_static dynamic_excludes_static externaddr externhost externip externrefresh externtcpport
    externtlsport ignoreregexpire jbenable jbforce jbimpl jblog jbmaxsize jbresyncthreshold jbtargetextra
    legacy_useroption_parsing limitonpeer limitonpeers localnet match_auth_username matchexternaddrlocally
    matchexterniplocally maxexpirey maxexpiry media_address minexpirey minexpiry mwi mwiexpirey mwiexpiry notifycid
    notifyhold notifymimetype notifyringing pedantic prematuremedia qualifygap qualifypeers realm recordhistory
    refer_addheaders regcontext regextenonqualify register register_retry_403 registerattempts registertimeout
    relaxdtmf rtautoclear rtcachefriends rtpbindaddr rtsavepath rtsavesysname rtupdate sdpowner sdpsession
    send_diversion shrinkcallerid sipdebug srvlookup storesipcause submaxexpirey submaxexpiry subminexpirey
    subminexpiry subscribe_network_change_event t1min tcpauthlimit tcpauthtimeout tcpbindaddr tcpenable tlsbindaddr
    tlscadir tlscafile tlscapath tlscertfile tlscipher tlsclientmethod tlsdisablev1 tlsdisablev11 tlsdisablev12
    tlsdontverifyserver tlsenable tlsprivatekey tlsservercipherorder tlsverifyclient tos tos_audio tos_sip tos_text
    tos_video udpbindaddr useragent websocket_enabled websocket_write_timeout
"""
_PEER = """
    accountcode acl allow allowoverlap allowsubscribe allowtransfer amaflags auth autoframing avpf buggymwi busylevel
    call-limit callbackextension callcounter callerid callgroup callingpres canreinvite cc_agent_dialstring
    cc_agent_policy cc_callback_macro cc_callback_sub cc_max_agents cc_max_monitors cc_monitor_policy cc_offer_timer
    cc_recall_timer ccbs_available_timer ccnr_available_timer cid_number cid_tag constantssrc contactacl contactdeny
    contactpermit context defaultip defaultuser deny description directmedia directmediaacl directmediadeny
    directmediapermit disallow disallowed_methods discard_remote_hold_retrieval dtlsautogeneratecert dtlscafile
    dtlscapath dtlscertfile dtlscipher dtlsenable dtlsfingerprint dtlsprivatekey dtlsrekey dtlssetup dtlsverify
    dtmfmode encryption encryption_taglen faxdetect force_avp fromdomain fromuser fullname g726nonstandard
    hasvoicemail header host icesupport ignore_requested_pref ignoresdpversion incominglimit insecure keepalive
    language mailbox maxcallbitrate maxforwards md5secret mohinterpret mohsuggest musicclass musiconhold mwi_from
    namedcallgroup namedpickupgroup nat outboundproxy outgoinglimit outofcall_message_context parkinglot permit
    pickupgroup port preferred_codec_only progressinband promiscredir qualify qualifyfreq recordofffeature
    recordonfeature regexten remotesecret restrictcid rfc2833compensate rpid_immediate rpid_update rtcp_mux rtp_engine
    rtpholdtimeout rtpkeepalive rtptimeout secret sendrpid session-expires session-minse session-refresher
    session-timers setvar snom_aoc_enabled subscribecontext subscribemwi supportpath t38pt_rtp t38pt_tcp t38pt_udptl
    t38pt_usertpsource textsupport timerb timert1 tonezone transport trunkname trust_id_outbound trustrpid type
    unsolicited_mailbox use_q850_reason useclientcode usereqphone username videosupport vmexten
"""
KNOWN = frozenset((*_GENERAL.split(), *_PEER.split()))
_SORTED = tuple(sorted(KNOWN))

# What other systems, and other parts of Asterisk, call an option that chan_sip has.
_ELSEWHERE = {
    "auth_user": "defaultuser",
    "authname": "defaultuser",
    "authuser": "defaultuser",
    "authusername": "defaultuser",
    "from_domain": "fromdomain",
    "from_user": "fromuser",
    "hostname": "host",
    "outbound_proxy": "outboundproxy",
    "pass": "secret",
    "passwd": "secret",
    "password": "secret",
    "proxy": "outboundproxy",
    "server": "host",
    "user": "defaultuser",
}
_NEAR = 0.85


@lru_cache(maxsize=512)
def meant_option(name: str) -> str:
    """The option that a name (in lower case) was probably meant for; empty for a known one, and for any other."""
    if name in KNOWN or len(name) > 40:
        return ""
    if name in _ELSEWHERE:
        return _ELSEWHERE[name]
    if len(name) < 3:
        return ""
    slips = [option for option in _SORTED if len(option) > 3 and _one_slip(name, option)]
    return (slips or difflib.get_close_matches(name, _SORTED, 1, _NEAR) or [""])[0]


def _one_slip(name: str, option: str) -> bool:
    """Whether a letter too many, too few or wrong, or two swapped ones, are all that parts the two."""
    if abs(len(name) - len(option)) > 1:
        return False
    at = next((i for i, (a, b) in enumerate(zip(name, option, strict=False)) if a != b), min(len(name), len(option)))
    rest, wanted = name[at:], option[at:]
    swapped = rest[:2] == wanted[1::-1] and rest[2:] == wanted[2:]
    return swapped or wanted in (rest[1:], rest) or rest == wanted[1:] or rest[1:] == wanted[1:]
