# An NTP daemon steps the clock: known before it happens, and named afterwards
# A real ntpd (ntpsec) and a server that is 18 s behind. With `tinker step 0` it never steps, with -x only beyond
# 600 s; without either it steps as soon as it has heard the server a few times. The watchdog tells the three apart
# while all is still well.
# modules: veth
# packages: busybox ntpsec open-vm-tools

configure() {
  printf '%s\n' "server 192.0.2.10 iburst minpoll 0 maxpoll 0" "restrict default" "logconfig =allall" "$@" \
    > /etc/ntpsec/ntp.conf
}
system_log
mkdir -p /var/log/ntpsec

tell "ntpd runs with \`tinker step 0\`, and its only server is 18 s behind: it may slew, and nothing else."
act serve_time 192.0.2.10 --offset -18
act configure "tinker step 0"
act start ntpd -n -g -c /etc/ntpsec/ntp.conf
wd never run --json
# It has believed the server, and begins to measure its own frequency: the moment at which it would have stepped.
within 40 logged ntpd freq_mode
show grep -e sys_peer -e freq_mode /var/log/syslog
act stop ntpd

tell "Now with -x, which moves the threshold from 0.128 s to 600 s. 18 s are slewed."
act configure
act start ntpd -n -g -x -c /etc/ntpsec/ntp.conf
wd slews run --json
within 40 logged ntpd freq_mode
act stop ntpd

tell "Now without -x, on a VMware guest whose time sync is on, while the server is away: nothing has happened yet."
act on_vmware
act vmware_tools 'echo Enabled'
act stop 192.0.2.10
act start ntpd -n -g -c /etc/ntpsec/ntp.conf
wd before run --json

tell "The server answers."
save offset_before clock_offset
act serve_time 192.0.2.10 --offset -18
within 60 logged ntpd "time stepped by"
save offset_after clock_offset
save said grep "time stepped by" /var/log/syslog
wd stepped run --json
to_people || wd chain incidents --json
