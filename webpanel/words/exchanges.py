"""Words for how an exchange with a provider went (codes of transport, verdict and policy)."""

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

#: Kind of address that the panel does not dial by itself (sending/networks.py) -> why.
_NOT_DIALLED: dict[str, LazyString] = {
    "loopback": _l(
        "%(address)s is this machine itself, and the panel does not send there unless it is told to."
    ),
    "private": _l(
        "%(address)s belongs to a private network, and the panel does not send there unless it is told to."
    ),
    "link_local": _l(
        "%(address)s is reachable on the local link only, and the panel does not send there unless it is "
        "told to."
    ),
    "multicast": _l("%(address)s is an address for groups of machines, not for a provider."),
    "metadata": _l(
        "%(address)s is where cloud machines read their own credentials; no SMS provider is there. Only "
        "naming this very address allows it."
    ),
    "special": _l("%(address)s is set aside for special uses and is not on the public internet."),
}

#: End of the code, by where the setting is read -> what allows the address.
_TO_ALLOW: dict[str, LazyString] = {
    "": _l("To allow it, put the line %(line)s into %(file)s and start the panel again."),
    "_environment": _l(
        "To allow it, set %(line)s in the environment, where it is set now (so %(file)s does not count), and "
        "start the panel again."
    ),
    "_demonstration": _l(
        "A demonstration allows its own provider only; a panel that is started with “webpanel run” can be "
        "told to send there."
    ),
}


def _in_a_row(*sentences: LazyString) -> str:
    return " ".join(map(str, sentences))


SENTENCES: dict[str, LazyString] = {
    **{
        f"network_{kind}{source}": LazyString(_in_a_row, why, how)
        for kind, why in _NOT_DIALLED.items()
        for source, how in _TO_ALLOW.items()
    },
    # Settings of the network (sending/networks.py, sending/proxy.py)
    "network_unreadable": _l(
        "%(entry)s is neither an address nor a network. Write 10.0.0.5, 10.0.0.5:8080, 10.0.0.0/24 or "
        "[fd00::5]:8080."
    ),
    "network_host_bits": _l(
        "%(entry)s is an address with a network's length. Write %(network)s for the whole network, or the"
        " address alone."
    ),
    "network_port": _l("%(entry)s has no port between 1 and 65535 after the colon."),
    "egress_proxy_unreadable": _l(
        "The proxy must be written as http://proxy.example:3128 or http://user:password@proxy.example:3128."
    ),
    # Nothing was sent: the provider was not reached (sending/dial.py, sending/tls.py)
    "dns_unknown": _l("There is no machine named %(host)s. Check the spelling of the API URL."),
    "dns_failed": _l(
        "The name %(host)s could not be looked up: this machine's name service did not answer properly."
    ),
    "dns_timeout": _l("Looking up the name %(host)s took too long."),
    "connect_refused": _l("%(address)s refused the connection: nothing listens on port %(port)s."),
    "connect_timeout": _l("%(host)s did not answer on port %(port)s in time: nothing could be sent."),
    "connect_unreachable": _l("There is no way from here to %(address)s, port %(port)s."),
    "connect_failed": _l("The connection to %(address)s, port %(port)s, could not be made: %(reason)s."),
    "proxy_unreached": _l("The proxy %(proxy)s, named by WEBPANEL_EGRESS_PROXY, could not be reached."),
    "proxy_silent": _l("The proxy %(proxy)s did not open the way to %(host)s: it gave no usable answer."),
    "proxy_refused": _l("The proxy %(proxy)s refused to open the way to %(host)s, with status %(status)s."),
    "tls_expired": _l("The certificate of %(host)s has expired. Only the provider can renew it."),
    "tls_not_yet_valid": _l("The certificate of %(host)s is not valid yet. Check this machine's clock."),
    "tls_wrong_host": _l("The certificate that was shown is not for %(host)s: %(reason)s."),
    "tls_self_signed": _l(
        "The certificate of %(host)s is signed by nobody but itself, so it proves nothing."
    ),
    "tls_unknown_issuer": _l(
        "The certificate of %(host)s comes from an authority that this machine does not know."
    ),
    "tls_revoked": _l("The certificate of %(host)s was revoked by its authority."),
    "tls_certificate": _l("The certificate of %(host)s cannot be trusted: %(reason)s."),
    "tls_timeout": _l(
        "%(host)s did not finish setting up the encrypted connection in time: nothing could be sent."
    ),
    "tls_closed": _l("%(host)s closed the connection while encryption was being set up."),
    "tls_not_spoken": _l(
        "%(host)s does not speak HTTPS on this port. Check the port, or whether the URL begins with http:."
    ),
    "tls_version": _l("%(host)s and this panel have no version of encryption (TLS) in common."),
    "tls_failed": _l("The encrypted connection to %(host)s could not be set up: %(reason)s."),
    # It was being sent, and there is no complete reply (sending/transport.py)
    "send_timeout": _l("%(host)s did not take the whole request within %(seconds)s seconds."),
    "send_broken": _l("%(host)s broke the connection off while the request was being sent."),
    "timeout_nothing": _l("%(host)s did not answer within %(seconds)s seconds."),
    "timeout_head": _l(
        "%(host)s began to answer, but its headers were not finished after %(seconds)s seconds."
    ),
    "timeout_body": _l(
        "%(host)s began to answer, but its reply was not finished after %(seconds)s seconds (%(received)s"
        " bytes came)."
    ),
    "closed_nothing": _l("%(host)s closed the connection without answering."),
    "closed_head": _l("%(host)s closed the connection in the middle of its reply's headers."),
    "closed_body": _l("%(host)s closed the connection before its reply was whole (%(received)s bytes came)."),
    "reset_nothing": _l("%(host)s broke the connection off without answering."),
    "reset_head": _l("%(host)s broke the connection off in the middle of its reply's headers."),
    "reset_body": _l(
        "%(host)s broke the connection off before its reply was whole (%(received)s bytes came)."
    ),
    "reply_not_http": _l(
        "What %(host)s answered is not HTTP. Check the port, or whether the URL should begin with https:."
    ),
    "reply_head_too_long": _l(
        "The headers of %(host)s's reply do not end within 64 KB; reading stopped there."
    ),
    "reply_length_broken": _l("The reply of %(host)s gives its length in a way that cannot be understood."),
    "reply_chunk_broken": _l("The reply of %(host)s comes in chunks that cannot be understood."),
    "reply_undecodable": _l(
        "The reply of %(host)s is compressed (%(coding)s) in a way that cannot be undone."
    ),
}

#: What a reply means (webpanel/wire/verdict.py).
_VERDICTS: dict[str, LazyString] = {
    "accepted_status": _l("The provider answered %(status)s, which counts as accepted."),
    "accepted_rule": _l(
        "The provider answered %(status)s and the success condition %(rule)s holds: %(excerpt)s"
    ),
    "rejected_failure_rule": _l(
        "The provider answered %(status)s and the failure condition %(rule)s holds: %(excerpt)s"
    ),
    "rejected_success_rule": _l(
        "The provider answered %(status)s, but the success condition %(rule)s does not hold: %(excerpt)s"
    ),
    "rejected_reply_empty": _l(
        "The provider answered %(status)s with an empty reply, so the success condition %(rule)s cannot hold."
    ),
    "rejected_reply_not_json": _l(
        "The provider answered %(status)s, but the reply is not JSON, which the success condition %(rule)s "
        "asks for: %(excerpt)s"
    ),
    "rejected_reply_too_deep": _l(
        "The provider answered %(status)s with JSON nested too deeply to be read, which the success "
        "condition %(rule)s asks for."
    ),
    "rejected_rule_raised": _l(
        "The provider answered %(status)s, but the success condition %(rule)s cannot be applied to the "
        "reply (%(error)s): %(excerpt)s"
    ),
    "rejected_rule_unusable": _l(
        "The provider answered %(status)s, but the success condition %(rule)s cannot be used: %(error)s"
    ),
    "rejected_status": _l("The provider refused the message with %(status)s %(reason)s: %(excerpt)s"),
    "fault_failure_rule": _l(
        "The provider answered %(status)s and the failure condition %(rule)s holds, which is set to mean "
        "that the gateway does not work: %(excerpt)s"
    ),
    "fault_credentials": _l(
        "The provider answered %(status)s %(reason)s: it does not accept the credentials, or they may not "
        "be used for this. %(excerpt)s"
    ),
    "fault_payment": _l("The provider answered %(status)s: the account has to be paid first. %(excerpt)s"),
    "fault_address": _l(
        "The provider answered %(status)s: nothing is at this address. Check the API URL. %(excerpt)s"
    ),
    "fault_method": _l(
        "The provider answered %(status)s: it does not take this request type here. Check the request "
        "type and the API URL. %(excerpt)s"
    ),
    "fault_format": _l(
        "The provider answered %(status)s: it does not take this body format. Check the request body "
        "format and the Content-Type. %(excerpt)s"
    ),
    "fault_moved": _l(
        "The provider answered %(status)s: the address has moved to %(location)s. Redirects are not "
        "followed; if you trust that address, make it the API URL."
    ),
    "deferred_status": _l("The provider answered %(status)s: try again later. %(excerpt)s"),
    "deferred_later_rule": _l(
        "The provider answered %(status)s and the try-later condition %(rule)s holds: %(excerpt)s"
    ),
    "ambiguous_incomplete": _l(
        "The provider's reply broke off before it was complete, so it is not certain whether it took the "
        "message."
    ),
    "ambiguous_cut": _l(
        "The provider's reply is longer than the panel reads, and the condition %(rule)s needs the rest, "
        "so it is not certain whether the provider took the message."
    ),
    "ambiguous_moved": _l(
        "The provider answered %(status)s and points to %(location)s. Redirects are not followed, so it is "
        "not certain whether it took the message; often such an address is a login page."
    ),
    "ambiguous_status": _l(
        "The provider answered %(status)s %(reason)s, which leaves it uncertain whether it took the "
        "message. %(excerpt)s"
    ),
    "note_reply_empty": _l("The condition %(rule)s asks for JSON and was not applied: the reply is empty."),
    "note_reply_not_json": _l(
        "The condition %(rule)s asks for JSON and was not applied: the reply is not JSON."
    ),
    "note_reply_too_deep": _l(
        "The condition %(rule)s was not applied: the reply's JSON is nested too deeply to be read."
    ),
    "note_rule_raised": _l("The condition %(rule)s could not be applied to the reply: %(error)s"),
    "note_rule_unusable": _l("The condition %(rule)s cannot be used: %(error)s"),
}
SENTENCES.update(_VERDICTS)

#: What is said in place of a sentence that ends with an excerpt when there is nothing to quote.
NOTHING_QUOTED: dict[str, LazyString] = {
    "accepted_rule": _l(
        "The provider answered %(status)s with an empty reply, on which the success condition %(rule)s holds."
    ),
    "rejected_failure_rule": _l(
        "The provider answered %(status)s with an empty reply, on which the failure condition %(rule)s holds."
    ),
    "fault_failure_rule": _l(
        "The provider answered %(status)s with an empty reply, on which the failure condition %(rule)s "
        "holds; it is set to mean that the gateway does not work."
    ),
    "deferred_later_rule": _l(
        "The provider answered %(status)s with an empty reply, on which the try-later condition %(rule)s "
        "holds."
    ),
    "rejected_status": _l("The provider refused the message with %(status)s %(reason)s and an empty reply."),
}

#: Attempts and gateways (sending/policy.py, claims.py, sweep.py).
_DELIVERY: dict[str, LazyString] = {
    "interrupted": _l(
        "The panel was stopped after this attempt had begun, so nobody knows how far the request came."
    ),
    "marked_too_long_ago": _l("The panel stood still just before sending, so nothing was sent this time."),
    "exchange_unexplained": _l("The attempt ended without a reply, and without a reason that is known."),
    "lifetime_ended": _l("It waited for as long as a message may be tried."),
    "rejections_in_a_row": _l(
        "The provider refused the last %(count)s messages, one after the other. Look at its reasons, then "
        "let the gateway go on."
    ),
    "paused_asked": _l("The provider asked for a pause."),
    "secrets_unreadable": _l(
        "The gateway's secrets cannot be read with the keys that the panel has. Type them again, or put "
        "the right key back."
    ),
}
SENTENCES.update(_DELIVERY)
