# The daemon under systemd hears two masters, on a link that came after it
# The shipped unit, as it is: a user of its own, two capabilities, its own view of the files. Nobody runs keepalived
# here; the settings name an interface to listen on. It comes later, and with it two routers that both serve an address,
# as neither takes the other's adverts.
# modules: veth bridge sch_ingress cls_u32 act_gact
# packages: busybox keepalived

tell "A host with systemd; the watchdog is to listen on eth0, which is not there yet."
umount /var/lib/watchdog
installed_below_opt
with_systemd
printf '%s\n' "[checks.vrrp]" 'interfaces = ["eth0"]' > /etc/watchdog/watchdog.toml
wd_there install install --daemon
act under_systemd systemd-sysusers
act under_systemd systemd-tmpfiles --create host-watchdog.conf
act under_systemd systemctl daemon-reload
act under_systemd systemctl enable --now host-watchdog.service
within 60 looked_since 0 vrrp
wd_there before incidents --all --json

tell "eth0 comes, and on its switch two routers: each drops the other's adverts."
switch_port
act ip address add 192.168.100.3/24 dev eth0
router lb1 192.168.100.1 150
router lb2 192.168.100.2 100
within 60 found vrrp.split_brain
wd_there incidents incidents --json
save process under_systemd grep -E "^(Uid|CapEff):" "/proc/$(unit MainPID)/status"

tell "One of them ends."
act kill "$(< /run/lb2.pid)"
within 60 eval '! found vrrp.split_brain'
wd_there ended incidents --all --json
