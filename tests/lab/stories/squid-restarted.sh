# A dead squid is brought back by its own init script; what a restart cannot cure is not believed to be cured
# A real squid, started by Debian's /etc/init.d/squid. Killed, it is started again; out of file descriptors, it is
# restarted. A port that the firewall drops is not cured by a restart, and that is said; where the kernel says that it
# listens, none is tried; and one that somebody stopped is left alone.
# modules: iptable_filter xt_tcpudp ipt_REJECT
# packages: busybox iptables squid

patient proxy_port 'start_grace = "0s"'
printf '%s\n' "pinger_enable off" "shutdown_lifetime 2 seconds" "max_filedescriptors 128" > /etc/squid/conf.d/lab.conf
mkdir -p /dev/shm /run/site
mount -t tmpfs shm /dev/shm
install -d -o proxy -g proxy /var/log/squid /var/spool/squid
echo "the site" > /run/site/index.html
busybox httpd -p 127.0.0.1:8000 -h /run/site
page() { [[ $(curl -s -m 8 -x 127.0.0.1:3128 http://127.0.0.1:8000/) == "the site" ]]; }
kid() { pgrep -f -- '--kid squid-1'; }
# Clients that connect, as many as are let in, and say nothing. Three times in vain: it is full, and none tries again.
CLIENTS="
import pathlib, socket, time
held, in_vain = [], 0
while in_vain < 3:
    try:
        held.append(socket.create_connection(('127.0.0.1', 3128), timeout=2))
        in_vain = 0
    except OSError:
        in_vain += 1
pathlib.Path('/run/full').touch()
time.sleep(600)
"
pages() { if page; then echo 1; else echo 0; fi; }

tell "A host with a squid, as Debian starts it without systemd."
act update-rc.d squid defaults
act service squid start
within 60 page
wd healthy run --json proxy_port

tell "It is killed, as the kernel does it when memory runs out."
act pkill -KILL -x squid
wd killed run --json proxy_port
wd start heal 1 --apply --yes --json
save pages_start pages

tell "Its clients take all file descriptors: it accepts nobody any more."
"$(dirname "$WATCHDOG")/python" -c "$CLIENTS" &
clients=$!
within 60 test -e /run/full
within 30 eval '! page'
save pages_hung pages
wd hung run --json proxy_port
wd restart heal 2 --apply --yes --json
save pages_restart pages
kill "$clients"

tell "A firewall drops what comes for its port. It looks like a squid that hangs; a restart cures nothing."
act iptables-legacy -A INPUT -p tcp --dport 3128 -j DROP
wd dropped run --json proxy_port
wd no_effect heal 3 --apply --yes --json
act iptables-legacy -F
wd back run --json proxy_port

tell "A firewall rejects it: the kernel says that squid listens, so a restart is not even tried."
act iptables-legacy -A INPUT -p tcp --dport 3128 -j REJECT --reject-with tcp-reset
wd rejected run --json proxy_port
wd not_tried heal 3 --apply --yes --json
act iptables-legacy -F
wd back_again run --json proxy_port

tell "Somebody stops it: that is told, and left alone."
act service squid stop
wd by_order run --json proxy_port
wd left_alone heal 3 --apply --yes --json
save pages_left_alone pages

wd incidents incidents --all --json
