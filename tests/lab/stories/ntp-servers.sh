# NTP servers that lie, refuse, vanish or say nothing
# The watchdog asks the servers itself, side by side. One that lies is outvoted and named, one that asks to be left alone
# is left alone; and only when most agree that this clock is wrong, it is.
# modules: ipv6 veth

# From here on these servers are asked; nobody waits for the boot to be over, nor until they may be asked again.
ask() {
  printf '[checks.clock_sync]\nboot_grace = "0s"\nask_every = "0s"\nanswer_limit = "1s"\nservers = [%s]\n' "$*" > /etc/watchdog/watchdog.toml
}

tell "Three servers, and all say that this clock is ahead by 18 s."
act serve_time 192.0.2.11 --offset -18
act serve_time 192.0.2.12 --offset -18
act serve_time 192.0.2.13 --offset -18
ask '"192.0.2.11", "192.0.2.12", "192.0.2.13"'
wd wrong run --json

tell "Now one says so, and two that it is right."
act serve_time 192.0.2.11
act serve_time 192.0.2.12
wd one_lies run --json

tell "One is silent, one has had enough of us (kiss-o'-death), one vanishes while it is asked, one has only IPv6."
act serve_time 192.0.2.14 --silent
act serve_time 192.0.2.15 --kod RATE
act serve_time 192.0.2.16 --die-after 0
act serve_time 2001:db8::17
echo "2001:db8::17 six.example" >> /etc/hosts
ask '"192.0.2.14", "192.0.2.15", "192.0.2.16", "six.example"'
wd one_answers run --json

tell "The last one goes, too. Who asked to be left alone is not asked again."
act stop 2001:db8::17
wd none_answers run --json
save requests grep -c ^request /run/192.0.2.15.log
