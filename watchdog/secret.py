"""Secret: text that no log line, traceback or table may show. Pure."""

import re

# What configuration files, options and variables call their secrets: keepalived's auth_pass, netplan's password,
# wpa-psk, WireGuard's PrivateKey, ntp's `crypto pw`. Better a harmless word hidden than one of those shown.
_NAMED = re.compile(
    r"""((?:(?<![a-z])(?:pass|pw|psk|token|secret)
          |passwd|password|passphrase|(?:private|preshared|secret|api)[_-]?key)
         ["']?(?:[ \t]*[=:][ \t]*|[ \t]+))
        ("[^"\n]*"|'[^'\n]*'|\S+)""",
    re.IGNORECASE | re.VERBOSE,
)
_LOGIN = re.compile(r"(?<=://)[^\s/@]+(?=@)")


def mask_secrets(text: str) -> str:
    """Return a text with `***` for what is named as a secret in it, and for the login in a URL."""
    return _NAMED.sub(r"\1***", _LOGIN.sub("***", text))


class Secret:
    """Text that shows itself as `***`; only `reveal` gives it away, so every use of it can be found."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """Return the text itself, for the one call that needs it."""
        return self._text

    def __repr__(self) -> str:
        return "***"

    __str__ = __repr__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._text == other._text

    def __hash__(self) -> int:
        return hash((Secret, self._text))
