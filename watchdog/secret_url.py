"""A URL that is a secret, and the places where the settings may keep it; it is read when it is needed."""

import re
from collections.abc import Mapping
from pathlib import Path

import msgspec

from watchdog.errors import ConfigError
from watchdog.files import read_bytes, say
from watchdog.secret import Secret
from watchdog.settings import Place

MAX_BYTES = 1 << 14
# Where systemd puts what a unit's LoadCredential= names (systemd.exec(5)): readable by that unit alone.
CREDENTIALS = "CREDENTIALS_DIRECTORY"
_CREDENTIAL = re.compile(r"(?!\.)[^/\0]+")
PLACES = ("url", "url_file", "url_env", "url_credential")


class SecretUrl(msgspec.Struct, frozen=True, kw_only=True):
    """A URL, or where to find one: a file, a variable of the environment, a credential of systemd."""

    url: Secret | None = None
    url_file: Path | None = None
    url_env: str | None = None
    url_credential: str | None = None

    def __post_init__(self) -> None:
        if sum(getattr(self, place) is not None for place in PLACES) != 1:
            raise ValueError("exactly one of url, url_file, url_env and url_credential")
        if self.url is not None and "://" not in self.url.reveal():
            raise ValueError("a url with a scheme, such as slack://... or mailtos://...")
        if self.url_credential is not None and not _CREDENTIAL.fullmatch(self.url_credential):
            raise ValueError("the name of a credential, as LoadCredential= gives it")

    def read(self, environ: Mapping[str, str], what: str) -> Secret:
        """Return the URL; ConfigError says of `what` it is and where it was looked for, never the URL."""
        if self.url is not None:
            return self.url
        source = self._source(environ)
        try:
            text = self._look_up(environ)
        except OSError as error:
            raise _no_url(what, source, say(error)) from error
        if len(text.split()) != 1 or "://" not in text:
            found = "something else (not shown: it may be secret)" if text.strip() else "nothing"
            raise _no_url(what, source, found)
        return Secret(text.strip())

    def file(self, environ: Mapping[str, str]) -> Path | None:
        """Return the file that holds it, None where there is none."""
        if self.url_credential is not None and environ.get(CREDENTIALS):
            return Path(environ[CREDENTIALS]) / self.url_credential
        return self.url_file

    def _source(self, environ: Mapping[str, str]) -> str:
        if self.url_credential is not None and not environ.get(CREDENTIALS):
            missing = f"no ${CREDENTIALS}, which systemd sets where a unit has LoadCredential="
            return f"credential {self.url_credential} ({missing})"
        return f"${self.url_env}" if self.url_env is not None else str(self.file(environ))

    def _look_up(self, environ: Mapping[str, str]) -> str:
        if self.url_env is not None:
            return environ.get(self.url_env, "")
        file = self.file(environ)
        return read_bytes(file, MAX_BYTES).decode(errors="replace") if file else ""


def _no_url(what: str, source: str, found: str) -> ConfigError:
    return ConfigError([Place(source).problem(f"the URL of {what} on one line", found)])
