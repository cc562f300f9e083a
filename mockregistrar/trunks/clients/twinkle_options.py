"""The settings of a user profile of Twinkle, and what other programs call them."""

from __future__ import annotations

_NAMES = """
    user_name user_domain user_display user_organization auth_realm auth_name auth_pass auth_aka_op auth_aka_amf
    outbound_proxy all_requests_to_proxy non_resolvable_to_proxy registrar registration_time register_at_startup
    reg_add_qvalue reg_qvalue codecs ptime out_far_end_codec_pref in_far_end_codec_pref speex_nb_payload_type
    speex_wb_payload_type speex_uwb_payload_type speex_bit_rate_type speex_abr_nb speex_abr_wb speex_dtx speex_penh
    speex_quality speex_complexity speex_dsp_vad speex_dsp_agc speex_dsp_agc_level speex_dsp_aec speex_dsp_nrd
    ilbc_payload_type ilbc_mode g726_16_payload_type g726_24_payload_type g726_32_payload_type g726_40_payload_type
    g726_packing dtmf_transport dtmf_payload_type dtmf_duration dtmf_pause dtmf_volume hold_variant check_max_forwards
    allow_missing_contact_reg registration_time_in_contact compact_headers encode_multi_values_as_list
    use_domain_in_contact allow_sdp_change allow_redirection ask_user_to_redirect max_redirections ext_100rel
    ext_replaces referee_hold referrer_hold allow_refer ask_user_to_refer auto_refresh_refer_sub attended_refer_to_aor
    allow_xfer_consult_inprog send_p_preferred_id sip_transport sip_transport_udp_threshold nat_public_ip stun_server
    persistent_tcp enable_nat_keepalive timer_noanswer timer_nat_keepalive timer_tcp_ping display_useronly_phone
    numerical_user_is_phone remove_special_phone_symbols special_phone_symbols use_tel_uri_for_phone
    user_ringtone_file user_ringback_file script_incoming_call script_in_call_answered script_in_call_failed
    script_outgoing_call script_out_call_answered script_out_call_failed script_local_release script_remote_release
    number_conversion zrtp_enabled zrtp_goclear_warning zrtp_sdp zrtp_send_if_supported mwi_sollicited mwi_user
    mwi_server mwi_via_proxy mwi_subscription_time mwi_vm_address im_max_sessions im_send_iscomposing
    pres_subscription_time pres_publication_time pres_publish_startup
"""
KNOWN = frozenset(_NAMES.split())

ACCOUNT = ("user_name", "user_domain", "auth_name", "auth_pass", "auth_realm", "registrar", "outbound_proxy")
"""What a login is made of."""

FOREIGN = {
    "username": "user_name",
    "user": "user_name",
    "domain": "user_domain",
    "realm": "auth_realm",
    "password": "auth_pass",
    "passwd": "auth_pass",
    "secret": "auth_pass",
    "auth_password": "auth_pass",
    "authname": "auth_name",
    "auth_user": "auth_name",
    "auth_username": "auth_name",
    "authuser": "auth_name",
    "server": "registrar",
    "host": "registrar",
    "proxy": "outbound_proxy",
    "outboundproxy": "outbound_proxy",
    "displayname": "user_display",
    "display_name": "user_display",
    "expires": "registration_time",
    "registration_expiry": "registration_time",
    "transport": "sip_transport",
}
"""What people who know another program call a setting."""

SWITCHES = ("register_at_startup", "registration_time_in_contact", "all_requests_to_proxy", "use_domain_in_contact")
"""Switches that a registration or the way of its requests depends on: `yes` is yes, all else is no."""

# What Twinkle refuses the whole profile for: the setting, its words for that, and what it takes; a range is of what C's
# atoi makes of the value.
CHOICES: dict[str, tuple[str, frozenset[str]]] = {
    "hold_variant": ("Invalid hold variant", frozenset(("rfc2543", "rfc3264"))),
    "ext_100rel": (
        "Invalid value for ext_100rel",
        frozenset(("disabled", "supported", "preferred", "required")),
    ),
    "speex_bit_rate_type": ("Invalid value for speex bit rate type", frozenset(("cbr", "vbr", "abr"))),
}
RANGES: dict[str, tuple[str, int, int]] = {
    "speex_quality": ("Invalid value for speex quality", 0, 10),
    "speex_complexity": ("Invalid value for speex complexity", 1, 10),
    "speex_dsp_agc_level": ("Invalid value for automatic gain control level", 1, 100),
}
