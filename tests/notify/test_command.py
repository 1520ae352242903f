"""`watchdog notify test`, as a person runs it, and what nobody may find afterwards: the secrets."""

import os
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import trustme

from tests.cli.command import LAMP, WATCHDOG, Cli
from tests.cli.test_daemon import running, within
from tests.notify.conftest import Serve
from tests.notify.servers import HANG, Mail, Reply, smtp, unused_port

pytestmark = pytest.mark.program


@pytest.fixture
def cli(tmp_path: Path, ca_file: Path) -> Cli:
    cli = Cli(folder=tmp_path)
    cli.plugin("lamp", LAMP)
    (tmp_path / "lamp").write_text("red")
    cli.environment |= {
        "LAMP": str(tmp_path / "lamp"),
        "NO_PROXY": "*",
        "no_proxy": "*",
        "SSL_CERT_FILE": str(ca_file),
        "REQUESTS_CA_BUNDLE": str(ca_file),
    }
    return cli


def target(name: str, url: str) -> str:
    return f'[notify.targets.{name}]\nurl = "{url}"\n'


def test_what_each_target_answers(cli: Cli, serve: Serve) -> None:
    well, gone, busy = (
        serve(),
        serve(Reply(status=404, body="no_service")),
        serve(Reply(status=429, body="", headers={"Retry-After": "30"})),
    )
    cli.settings(
        target("ops", f"json://127.0.0.1:{well.server_port}/")
        + target("slack", f"json://127.0.0.1:{gone.server_port}/")
        + target("busy", f"json://127.0.0.1:{busy.server_port}/")
        + '[notify.targets.later]\nurl_file = "/nowhere/url"\n'
    )
    ended = cli("notify", "test")
    assert ended.code == 1, ended.err
    lines = {line.partition(":")[0]: line for line in ended.out.splitlines()}
    assert re.fullmatch(r"ops: sent, accepted in [0-9.]+ m?s", lines["ops"])
    assert lines["slack"] == (
        "slack: answered with HTTP status 404: no_service; check the address and the credentials in its URL"
    )
    assert lines["busy"] == "busy: answered with HTTP status 429; it asks to be left alone for 30.0 s"
    assert lines["later"] == (
        "later: its URL cannot be read: /nowhere/url: expected the URL of notification target 'later' on one line,"
        " found no such file or directory"
    )
    (request,) = well.received
    assert request.json["title"].endswith("this is a test")
    assert not cli.history.exists()


def test_one_target_and_json(cli: Cli, serve: Serve) -> None:
    well = serve()
    cli.settings(
        target("ops", f"json://127.0.0.1:{well.server_port}/")
        + target("dead", f"json://127.0.0.1:{unused_port()}/")
    )
    ended = cli("notify", "test", "ops", "--json")
    assert (ended.code, ended.json) == (
        0,
        {"targets": [{"target": "ops", "outcome": "sent", "error": "", "retry_after_seconds": None}]},
    )
    ended = cli("notify", "test", "--json")
    assert (ended.code, [one["outcome"] for one in ended.json["targets"]]) == (1, ["sent", "failed"])


def test_a_name_that_is_none(cli: Cli) -> None:
    cli.settings(target("ops", "json://h/"))
    ended = cli("notify", "test", "opps")
    assert ended.code == 3
    assert "expected the name of a target (ops), found 'opps' (did you mean 'ops'?)" in ended.err


def test_nobody_to_tell(cli: Cli) -> None:
    cli.settings("")
    ended = cli("notify", "test")
    assert (ended.code, "no target is configured" in ended.out) == (1, True)


def test_templates_that_fail_keep_it_from_starting(cli: Cli) -> None:
    folder = cli.folder / "templates"
    folder.mkdir()
    (folder / "text.j2").write_text("well\n{{ nosuch }}\n")
    cli.settings(f'[notify]\ntemplates = "{folder}"\n')
    for words in (["config", "check"], ["run", "lamp"], ["notify", "test"]):
        ended = cli(*words)
        assert ended.code == 3
        assert f"{folder}/text.j2 line 2: expected a template that says every message, found 'nosuch'" in ended.err
    (folder / "text.j2").write_text("well: {{ message.summary }}\n")
    assert cli("config", "check").code == 0


def test_a_run_pings_when_it_is_recorded(cli: Cli, serve: Serve) -> None:
    """Whatever it found: the lamp is out, and the watchdog works."""
    waiting = serve()
    cli.settings(f'[notify.ping]\nurl = "http://127.0.0.1:{waiting.server_port}/x"\nfail_suffix = "/fail"\n')
    assert cli("run", "lamp").code == 2
    assert [request.path for request in waiting.received] == ["/x"]
    cli.history.unlink()
    cli.history.mkdir()  # no history can be there
    assert "nothing is recorded" in cli("run", "lamp").err
    assert [request.path for request in waiting.received] == ["/x", "/x/fail"]


def test_a_ping_that_fails_costs_a_run_nothing_but_a_word(cli: Cli, serve: Serve) -> None:
    cli.settings(f'[notify.ping]\nurl = "http://127.0.0.1:{serve(HANG).server_port}/pl4nt3dPING"\n')
    ended = cli("run", "lamp")
    assert (ended.code, ended.err) == (2, "watchdog: the ping of [notify.ping] fails: it did not answer in time\n")


def test_the_daemon_pings_and_notes_what_keeps_it_from_that(cli: Cli, serve: Serve) -> None:
    waiting = serve(Reply(), Reply(status=503), Reply(status=503), Reply())
    cli.settings(
        f'[notify.ping]\nurl = "http://127.0.0.1:{waiting.server_port}/pl4nt3dPING"\nevery = "1ms"\n'
        "[checks.lamp]\nevery = '1s'\n"
    )
    with running(cli) as daemon:
        within(60, lambda: len(waiting.received) >= 5)
        assert daemon.end() == 0
    log = daemon.log.read_text()
    assert "the ping of [notify.ping] fails: it answered with HTTP status 503" in log
    assert "the ping goes out again" in log
    assert "pl4nt3dPING" not in log
    notes = [note for note in cli("report", "--json").json["notes"] if note["subject"] == "ping"]
    assert notes
    assert all("it answered with HTTP status 503" in note["summary"] for note in notes)


# ---- Secrets -------------------------------------------------------------------------------------------------

PLANTED = {
    "path": "pl4nt3dPATH",
    "password": "pl4nt3dPASSWORD",
    "user": "pl4nt3dUSER",
    "query": "pl4nt3dQUERY",
    "file": "pl4nt3dFILE",
    "variable": "pl4nt3dVARIABLE",
    "credential": "pl4nt3dCREDENTIAL",
    "mail": "pl4nt3dMAIL",
    "ping": "pl4nt3dPING",
    "slack": "pl4nt3dSLACK",
}


class Watching:
    """Looks at every process that is started below this one, for what others could see of it."""

    def __init__(self) -> None:
        self.seen: dict[str, set[str]] = {}
        self.senders = 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> "Watching":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(0.01):
            for process in Path("/proc").glob("[0-9]*"):
                try:
                    argv = (process / "cmdline").read_bytes()
                    if b"watchdog.notify.leash" not in argv:  # what the sender runs as
                        continue
                    self.senders += 1
                    texts = (argv, (process / "environ").read_bytes(), (process / "comm").read_bytes())
                except OSError:
                    continue
                for text in texts:
                    self.seen.setdefault(process.name, set()).add(text.decode(errors="replace"))


@pytest.fixture
def shown(cli: Cli, serve: Serve, authority: trustme.CA) -> Iterator[Callable[[], str]]:
    """Targets with a secret in every place a URL has, all of which fail, each in another way."""
    echo = Reply(status=500, body=f"you are {PLANTED['user']}:{PLANTED['password']} at /{PLANTED['path']}")
    echoing, answers, hanging = serve(echo), serve(Reply(status=503)), serve(HANG)
    (cli.folder / "file.url").touch(0o600)
    (cli.folder / "file.url").write_text(f"json://{PLANTED['file']}@127.0.0.1:{answers.server_port}/")
    (cli.folder / "credential").touch(0o600)
    (cli.folder / "credential").write_text(f"jsons://127.0.0.1:{answers.server_port}/{PLANTED['credential']}")
    cli.environment["CREDENTIALS_DIRECTORY"] = str(cli.folder)
    cli.environment["OPS_URL"] = f"json://127.0.0.1:{hanging.server_port}/{PLANTED['variable']}"
    login = f"{PLANTED['user']}:{PLANTED['password']}"
    with smtp(Mail(), authority.issue_cert("localhost")) as port:
        cli.settings(
            '[notify]\ndrain_limit = "4s"\n'
            + target(
                "a", f"json://{login}@127.0.0.1:{echoing.server_port}/{PLANTED['path']}?+X-Key={PLANTED['query']}"
            )
            + f'[notify.targets.b]\nurl_file = "{cli.folder}/file.url"\n'
            + '[notify.targets.c]\nurl_env = "OPS_URL"\n'
            + '[notify.targets.d]\nurl_credential = "credential"\n'
            + target(
                "e",
                f"mailtos://w:{PLANTED['mail']}@localhost:{port}?from=a@b.example&to=c@d.example&mode=starttls",
            )
            + target("f", f"slack://{PLANTED['slack']}")
            + '[[notify.routes]]\nto = ["a", "b", "c", "d", "e", "f"]\n'
            + f'[notify.ping]\nurl = "http://127.0.0.1:{answers.server_port}/{PLANTED["ping"]}"\n'
        )
        yield lambda: "".join(
            ended.out + ended.err
            for ended in (
                cli("run", "lamp"),
                cli("notify", "test"),
                cli("notify", "drain"),
                cli("config", "check"),
                cli("config", "show"),
                cli("config", "show", "--json"),
                cli("status", "--json"),
                cli("incidents"),
                cli("report", "--json"),
                cli("run", "lamp", "--json"),
            )
        )


def test_the_planted_secrets_are_nowhere(cli: Cli, shown: Callable[[], str], serve: Serve) -> None:
    with Watching() as watching:
        said = shown()
    assert watching.senders, "no sender was seen, so nothing was searched"
    assert [name for name, secret in PLANTED.items() if secret in said] == []
    of_processes = "\n".join(text for texts in watching.seen.values() for text in texts)
    assert [name for name, secret in PLANTED.items() if secret in of_processes] == []
    settings = {cli.folder / "watchdog.toml", cli.folder / "file.url", cli.folder / "credential"}
    files = [path for path in cli.folder.rglob("*") if path.is_file() and path not in settings]
    assert cli.history in files
    found = [
        (path.name, name)
        for path in files
        for name, secret in PLANTED.items()
        if secret.encode() in path.read_bytes()
    ]
    assert found == []
    # ... though each was sent, or its server would not have answered as it did.
    assert "HTTP status 500: you are ***:*** at /***" in said
    assert "SMTP status 535" in said


def test_the_sender_leaves_no_core_and_is_closed_to_others() -> None:
    """As another user sees it: its memory, its environment and its files belong to root."""
    program = (
        "import os, resource, sys\n"
        "from watchdog.notify import sender\n"
        "answers = sender.close_up()\n"
        "import ctypes\n"
        "line = f'{resource.getrlimit(resource.RLIMIT_CORE)} {ctypes.CDLL(None).prctl(3, 0, 0, 0, 0)}'\n"
        "print('to nobody'); sys.stderr.write('to nobody')\n"
        "answers.write(line.encode()); answers.flush()\n"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert (ran.stdout, ran.stderr) == ("(0, 0) 0", "")


def test_an_exception_in_a_plugin_says_nothing_of_the_url(tmp_path: Path) -> None:
    """Whatever raises, wherever: the sender's own words and the process's streams have no secret in them."""
    program = (
        "import sys\n"
        "from watchdog.notify import sender, services\n"
        "def explode(*args, **kwargs): raise RuntimeError('cannot open ' + args[0])\n"
        "services.open_service = explode\n"
        "sender.main()\n"
    )
    errand = b'{"id":1,"target":"ops","url":"json://pl4nt3dPATH/","content":{"kind":"test","host":"h"},"limit_seconds":5}\n'
    ran = subprocess.run([sys.executable, "-c", program], input=errand, capture_output=True, check=False)
    assert (ran.returncode, ran.stderr) == (0, b"")
    assert b"sending to ops raised RuntimeError" in ran.stdout
    assert b"pl4nt3d" not in ran.stdout


def test_apprise_is_not_loaded_by_the_command_itself() -> None:
    words = (
        "import sys; import watchdog.cli.notify, watchdog.notify.trying, watchdog.notify.checking;"
        " print([name for name in ('apprise', 'jinja2', 'requests') if name in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", words], capture_output=True, text=True, check=True)
    assert ran.stdout == "[]\n"
    assert os.access(WATCHDOG, os.X_OK)


def test_a_run_tells_in_the_owners_words(cli: Cli, serve: Serve) -> None:
    folder = cli.folder / "templates"
    folder.mkdir()
    (folder / "title.j2").write_text("our own: {{ message.host }}\n")
    waiting = serve()
    cli.settings(
        f'[notify]\ntemplates = "{folder}"\n'
        + target("ops", f"json://127.0.0.1:{waiting.server_port}/")
        + '[[notify.routes]]\nto = ["ops"]\n'
    )
    assert cli("run", "lamp").code == 2
    (request,) = waiting.received
    assert request.json["title"].startswith("our own")
    assert request.headers["Idempotency-Key"]
