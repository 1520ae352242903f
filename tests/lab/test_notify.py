"""The daemon's notifications for real: the clock of its kernel goes back an hour while a retry is pending."""

import json
from collections.abc import Callable

import pytest

from tests.lab.uml import Transcript

HOUR_SECONDS = 3600

SCRIPT = """
notifications=$OUT/notifications.jsonl
touch "$notifications"
cat > /etc/watchdog/watchdog.toml <<'END'
[notify.targets.ops]
url = "json://127.0.0.1:8025/"
[[notify.routes]]
to = ["ops"]
END
chmod 600 /etc/watchdog/watchdog.toml
cable eth0 switch port0
cable eth1 switch port1
bond bond0 "mode active-backup miimon 100" eth0 eth1
within 5 member eth0 mii_status up
within 5 member eth1 mii_status up
daemon
ip link set dev eth0 down
failed() { [[ $(in_record "len(sql('select 1 from outbox where attempts>0 and last_error<>?', ''))") != 0 ]]; }
within 120 failed
save failed_at boottime
"$WATCHDOG" notify --json > "$OUT/waiting.json"
date -s "-1 hour" > "$OUT/date.txt"
"${WATCHDOG%/*}/python" "$LAB_DIRECTORY/webhook.py" 8025 "$notifications" &
webhook=$!
heard() { grep -q bond.member_down "$notifications"; }
within 240 heard
sleep 8
pgrep -f notify.leash > "$OUT/left.txt" || true
end_daemon
kill "$webhook"
"""


@pytest.mark.timeout(900)
def test_what_waits_for_its_time_goes_out_on_time_though_the_clock_goes_back_an_hour(
    boot: Callable[..., Transcript],
) -> None:
    told = boot(SCRIPT, modules=("bonding", "veth"), timeout_seconds=600)
    waiting = json.loads(told.files["waiting.json"])["waiting"]
    assert [one["attempts"] for one in waiting][:1] == [1]
    came = [json.loads(line) for line in told.files["notifications.jsonl"].splitlines()]
    first = next(one for one in came if "bond.member_down" in json.dumps(one["body"]))
    late = first["boottime_seconds"] - float(told.files["failed_at.txt"])
    assert 0 < late < HOUR_SECONDS / 10, "by the wall clock it would be an hour"
    assert sum("bond.member_down" in json.dumps(one["body"]) for one in came) == 1
    assert told.files["left.txt"] == "", "what sends has ended"
    assert told.code("ended") == 0
