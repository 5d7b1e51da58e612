"""The options of curl: which take a value, and which of them say something of the request.

A room of its own because it is a table out of curl's manual.
"""

#: Option -> what it is called in this module; those with a value, and those without.
VALUED = {
    "X": "request", "H": "header", "d": "data", "F": "form", "u": "user", "b": "cookie", "A": "user-agent",
    "e": "referer", "o": "output", "m": "max-time", "w": "write-out", "c": "cookie-jar", "x": "proxy",
    "T": "upload-file", "E": "cert", "K": "config", "D": "dump-header", "r": "range", "U": "proxy-user",
    "y": "speed-time", "Y": "speed-limit", "z": "time-cond", "C": "continue-at", "P": "ftp-port",
    "Q": "quote", "t": "telnet-option", "h": "help",
}  # fmt: skip
FLAGS = {
    "G": "get", "s": "silent", "S": "show-error", "i": "include", "v": "verbose", "k": "insecure",
    "L": "location", "f": "fail", "g": "globoff", "#": "progress-bar", "I": "head", "O": "remote-name",
    "N": "no-buffer", "4": "ipv4", "6": "ipv6", "0": "http1.0", "1": "tlsv1", "2": "sslv2", "3": "sslv3",
    "q": "disable", "J": "remote-header-name", "n": "netrc", "a": "append", "j": "junk-session-cookies",
    "p": "proxytunnel", "R": "remote-time", "l": "list-only", "M": "manual", "V": "version", "Z": "parallel",
}  # fmt: skip
_MORE_VALUED = (
    *("data-raw", "data-binary", "data-urlencode", "data-ascii", "json", "form-string", "url", "url-query"),
    *(
        "connect-timeout",
        "retry",
        "retry-delay",
        "retry-max-time",
        "oauth2-bearer",
        "cacert",
        "capath",
        "key",
    ),
    *(
        "resolve",
        "interface",
        "ciphers",
        "limit-rate",
        "max-redirs",
        "cert-type",
        "key-type",
        "pass",
        "dns-servers",
    ),
    *(
        "proto",
        "proto-redir",
        "noproxy",
        "trace",
        "trace-ascii",
        "stderr",
        "aws-sigv4",
        "tls-max",
        "create-file-mode",
    ),
    *(
        "connect-to",
        "unix-socket",
        "max-filesize",
        "keepalive-time",
        "expect100-timeout",
        "output-dir",
        "netrc-file",
    ),
)
_MORE_FLAGS = (
    *(
        "compressed",
        "http1.1",
        "http2",
        "http3",
        "http2-prior-knowledge",
        "fail-with-body",
        "fail-early",
        "basic",
    ),
    *("digest", "ntlm", "negotiate", "anyauth", "no-progress-meter", "location-trusted", "path-as-is", "raw"),
    *(
        "no-keepalive",
        "tcp-nodelay",
        "no-sessionid",
        "ssl",
        "ssl-reqd",
        "ssl-no-revoke",
        "tlsv1.0",
        "tlsv1.1",
    ),
    *(
        "tlsv1.2",
        "tlsv1.3",
        "post301",
        "post302",
        "post303",
        "retry-connrefused",
        "retry-all-errors",
        "styled-output",
    ),
    *(
        "no-styled-output",
        "tr-encoding",
        "proxy-insecure",
        "no-alpn",
        "next",
        "form-escape",
        "create-dirs",
        "no-clobber",
    ),
)
WITH_VALUE = frozenset((*VALUED.values(), *_MORE_VALUED))
KNOWN = WITH_VALUE | frozenset((*FLAGS.values(), *_MORE_FLAGS))

#: Those that say how curl behaves and nothing of the request: no word is lost on them.
OF_NO_ACCOUNT = frozenset(
    (
        *("silent", "show-error", "include", "verbose", "fail", "fail-with-body", "fail-early", "globoff"),
        *("progress-bar", "no-progress-meter", "no-buffer", "disable", "write-out", "compressed", "http1.1"),
        *("output", "dump-header", "stderr", "trace", "trace-ascii", "remote-name", "http2", "tcp-nodelay"),
        *("basic", "path-as-is", "styled-output", "no-styled-output", "no-keepalive", "ssl-no-revoke"),
        *("ipv4", "tlsv1.2", "tlsv1.3", "ssl-reqd", "output-dir", "create-dirs", "no-clobber", "raw"),
    )
)
#: Those of which the panel has its own way, which is told.
TOLD = {
    "insecure": "example_insecure", "proxy-insecure": "example_insecure",
    "location": "example_redirects", "location-trusted": "example_redirects",
    "max-redirs": "example_redirects",
    "retry": "example_retry", "retry-delay": "example_retry", "retry-max-time": "example_retry",
    "retry-connrefused": "example_retry", "retry-all-errors": "example_retry",
    "cookie-jar": "example_cookie_file",
}  # fmt: skip
