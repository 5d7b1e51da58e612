"""Which value of an example is the number, which the text; and putting the placeholders there.

A room of its own because this is a judgement, from names and values together, that a person confirms.
"""

import re
from collections.abc import Callable, Iterable

from webpanel.wire import leaves
from webpanel.wire.credentials import is_hint, tells_by_name
from webpanel.wire.example import Candidate, Example, Role, Written
from webpanel.wire.gateway import Gateway
from webpanel.wire.leaves import Leaf

#: How much speaks for a role; 0 for nothing.
Score = Callable[[Leaf], int]

#: Names of a recipient's place: those that are nothing else, and those that others use too.
_RECIPIENT = frozenset(
    (
        *("to", "msisdn", "recipient", "recipients", "destination", "destinations", "receiver", "receivers"),
        *("phonenumber", "phonenumbers", "mobile", "mobiles", "mobilenumber", "mobileno", "tonumber", "dst"),
        *("destinationaddress", "destaddr", "dest", "destnum", "chatid", "phoneno", "msisdns", "tos", "gsm"),
        *("cellphone", "cell", "recipientnumber", "recipientphone", "tophone", "handphone", "da", "sendto"),
        *("destinationnumber", "receivernumber", "smsto", "mobilenumbers", "receiverid", "mobiletelephone"),
        *("destinataire", "destinatario", "empfaenger", "telefono", "telefone", "celular", "numero", "rcpt"),
        *("toaddress", "destinationphonenumber", "contactnumber", "gsmno", "phones", "telnum", "subscriber"),
    )
)
_MAYBE_RECIPIENT = frozenset(
    (
        "phone",
        "number",
        "numbers",
        "contact",
        "contacts",
        "tel",
        "telephone",
        "address",
        "addresses",
        "jid",
        "wa",
    )
)
_SENDER = re.compile(
    r"from(?:number|phone|id|name)?|sender.*|originator|src|source.*|origin|callerid|sourceaddr(?:ess)?|shortcode|"
    r"caller|orig|oa|sa|mask|messagingservicesid|messagingprofileid|fromphonenumber"
)
_MESSAGE = (
    *(
        "message",
        "text",
        "body",
        "sms",
        "content",
        "msg",
        "messagetext",
        "smstext",
        "messagebody",
        "textmessage",
    ),
    *("smsbody", "messagecontent", "smsmessage", "msgtext", "txt", "msgbody", "mensaje", "mensagem", "texto"),
    *(
        "nachricht",
        "messages",
        "smscontent",
        "shortmessage",
        "um",
        "data",
        "payload",
        "caption",
        "messagedata",
    ),
)
_NO_NUMBER = re.compile(
    r".*id|id|.*code|.*time.*|date.*|.*date|ref.*|.*port|dlr.*|.*mask|sim.*|device|type|port|ttl|validity.*|.*version|v|"
    r"priority|count|length|expir.*|flash|format|unicode|channel|schedule.*|account.*|user.*|campaign|template.*"
)
_NO_TEXT = re.compile(
    r".*(?:type|id|name|format|encoding|url|uri|callback|webhook|lang|language|mode|class|coding)"
)
_PHONE = re.compile(
    r"(?:[a-z]{2,10}:)?\s*(?:\+?\(?|\(\+)\d[\d\s().-]{5,18}\d(?:@[a-z.]{3,20})?", re.IGNORECASE
)
_HIDDEN = re.compile(r"\+?\d{0,6}[xX*#_]{4,}\d{0,4}|\+?\d{1,4}[\d\s-]*[xX*]{2,}[\d\s-]*")
#: Several numbers in one value.
SEVERAL = re.compile(r"[\d+\s().-]{7,20}(?:[,;][\d+\s().-]{7,20})+")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_DIGITS = (7, 15)
_SECRET = re.compile(r"\{\{secret\.[^{}]*\}\}")
_SEGMENT = re.compile(r"[^/]+")
_BRACED = re.compile(r"[{}<>$]|%[A-Z_]{3,}%")
_LONGEST_NUMBER = 120
#: Digits of a JSON number that may be somebody's pin.
_SHORTEST_CREDENTIAL = 4
#: Values that are offered; nobody looks through more.
MOST = 300
_WORD = re.compile(r"[^\W\d_]{2,}")


def candidates(gateway: Gateway) -> tuple[Candidate, ...]:
    """The values that could give way to a placeholder, one at most proposed for each role.

    Of very many the first, and those that are proposed.
    """
    found = [leaf for leaf in leaves.read(gateway) if not _is_in_path(leaf) or looks_like_number(leaf.value)]
    # Where nothing else can be the number, one in the path is it.
    recipient = _best(found, recipient_score) or _best(found, lambda leaf: int(_is_in_path(leaf)))
    message = _best([leaf for leaf in found if leaf is not recipient], message_score)

    def role(leaf: Leaf) -> Role:
        return "recipient" if leaf is recipient else "message" if leaf is message else ""

    offered = [leaf for number, leaf in enumerate(found) if number < MOST or role(leaf)]
    return tuple(
        Candidate(candidate_id(leaf), leaf.field, leaf.path, leaf.value, role(leaf)) for leaf in offered
    )


def _is_in_path(leaf: Leaf) -> bool:
    return leaf.path.startswith("/")


def candidate_id(leaf: Leaf) -> str:
    """How a value is named until it was chosen."""
    return f"{leaf.field}:{leaf.start}-{leaf.end}"


def _best(found: Iterable[Leaf], score: Score) -> Leaf | None:
    """The first of those that score highest; None when nothing speaks for any."""
    best, most = None, 0
    for leaf in found:
        if (reached := score(leaf)) > most:
            best, most = leaf, reached
    return best


def looks_like_number(value: str) -> bool:
    """Whether a value could be a phone's number, as documentation writes one."""
    bare = value.strip()
    if len(bare) > _LONGEST_NUMBER:
        return False
    if SEVERAL.fullmatch(bare):
        return True
    if _DATE.match(bare):
        return False
    digits = sum(char.isdigit() for char in bare)
    return bool(_PHONE.fullmatch(bare)) and _DIGITS[0] <= digits <= _DIGITS[1]


def _folded(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def recipient_score(leaf: Leaf) -> int:
    """0 for what cannot be the recipient."""
    names = [_folded(name) for name in leaf.names]
    if any(_SENDER.fullmatch(name) for name in names):
        return 0
    name = names[-1] if names else ""
    is_number, is_hinted = looks_like_number(leaf.value), is_open(leaf.value)
    if name in _RECIPIENT or (
        names[:-1] and names[-2] in _RECIPIENT and name in ("value", "phone", "number", "to")
    ):
        return 10 + 5 * is_number + 3 * is_hinted
    if name in _MAYBE_RECIPIENT:
        return (8 + 5 * is_number + 3 * is_hinted) if is_number or is_hinted else 0
    if is_number and not _NO_NUMBER.fullmatch(name):
        has_plus = "+" in leaf.value
        # A path holds numbers of all kinds: only a plus tells a phone's.
        return 3 + has_plus if has_plus or not _is_in_path(leaf) else 0
    return 0


def is_open(value: str) -> bool:
    """Whether a value only stands for a number: ``+1XXXXXXXXXX``, ``<phone>``, ``RECIPIENT_NUMBER``."""
    return bool(_HIDDEN.fullmatch(value.strip()) or is_hint(value)) or value.strip().isalpha()


def message_score(leaf: Leaf) -> int:
    """0 for what cannot be the text."""
    name = _folded(leaf.name)
    if _is_in_path(leaf):
        return 0
    start = leaf.value[:200]
    words = " " in start and len(_WORD.findall(start)) > 1
    is_number = looks_like_number(leaf.value) or leaf.is_bare
    if name in _MESSAGE:
        rank = len(_MESSAGE) - _MESSAGE.index(name)
        return 0 if is_number else 100 + rank + 50 * words + 20 * (len(leaf.value) > 1)
    if words and not _NO_TEXT.fullmatch(name) and not _SENDER.fullmatch(name) and name != "subject":
        return 1 if "message" not in name and "text" not in name else 60
    return 0


def without_index(path: str) -> str:
    """A place's name for all members of an array alike."""
    return re.sub(r"\[\d+\]", "[]", path)


def notes(example: Example, written: Written) -> None:
    """Tell what only stands for a value of one's own, and recipients beside the proposed one."""
    for segment in _SEGMENT.findall(_SECRET.sub("", example.settings.url.partition("?")[0])):
        if is_hint(segment) or _BRACED.search(segment):
            written.note("example_placeholder", text=segment[:60], place="URL")
    for leaf in leaves.read(example.settings):
        if leaf.is_bare and len(leaf.value) >= _SHORTEST_CREDENTIAL and tells_by_name(leaf.name):
            written.note("example_number_credential", place=leaf.path[:60])
    recipient = next((each for each in example.candidates if each.proposed == "recipient"), None)
    for candidate in example.candidates:
        if candidate.proposed:
            continue
        if is_hint(candidate.value) and not candidate.path.startswith("/"):
            written.note("example_placeholder", text=candidate.value[:60], place=candidate.path[:60])
        elif recipient and without_index(candidate.path) == without_index(recipient.path):
            written.note("example_more_recipients", text=candidate.value[:60], place=candidate.path[:60])
