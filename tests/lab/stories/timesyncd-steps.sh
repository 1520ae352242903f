# The clock is stepped without a word, by systemd-timesyncd; and a second daemon works against it
# A real systemd-timesyncd and a server whose time goes back by 18 s: it follows at once and logs nothing. That it could
# was said before. Then somebody starts openntpd beside it.
# modules: veth
# packages: busybox openntpd systemd-timesyncd

system_log

tell "systemd-timesyncd runs, as on many a Debian; its server is right."
account systemd-timesync /
mkdir -p /run/systemd/timesync
printf '[Time]\nNTP=192.0.2.10\nPollIntervalMinSec=16\nPollIntervalMaxSec=16\n' > /etc/systemd/timesyncd.conf
act serve_time 192.0.2.10
act start /lib/systemd/systemd-timesyncd
within 10 asked 192.0.2.10 1
wd before run --json

tell "The server's time goes back by 18 s, and 16 s later the clock follows."
save offset_before clock_offset
act serve_time 192.0.2.10 --offset -18
within 60 stepped_back_from "$(< "$OUT/offset_before.txt")"
save offset_after clock_offset
wd stepped run --json
save said cat /run/systemd-timesyncd.log /var/log/syslog

tell "openntpd is started, and nobody stops systemd-timesyncd."
account ntpd /run/openntpd
mkdir -p /run/openntpd
echo "server 192.0.2.10" > /etc/openntpd/ntpd.conf
act start ntpd -d -f /etc/openntpd/ntpd.conf
wd both run --json
