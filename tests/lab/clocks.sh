# Words for the stories of time; lib.sh has the others.

# clock_offset: CLOCK_REALTIME - CLOCK_BOOTTIME in seconds. Nothing but a step changes it, and by exactly its size.
clock_offset() {
  "${WATCHDOG%/*}/python" -I -S -c '
from time import CLOCK_BOOTTIME, CLOCK_REALTIME, clock_gettime_ns
print((clock_gettime_ns(CLOCK_REALTIME) - clock_gettime_ns(CLOCK_BOOTTIME)) / 1e9)'
}

# stepped_back_from OFFSET: the clock is as far behind where clock_offset saw it as the server is, by 18 s.
stepped_back_from() {
  local now
  now=$(clock_offset)
  ((${1%.*} - ${now%.*} >= 17))
}

# start PROGRAM ARGUMENT...: a daemon that stays in the foreground; stop PROGRAM ends it. What it says is in
# /run/PROGRAM.log, for those that do not log to the system.
declare -A running=()
start() {
  "$@" < /dev/null > "/run/${1##*/}.log" 2>&1 &
  running[$1]=$!
}
stop() {
  [[ ${running[$1]-} ]] || return 0
  kill "${running[$1]}"
  wait "${running[$1]}" 2> /dev/null || true
  unset "running[$1]"
}

# account NAME HOME: a user for a daemon, which the set-up script of its package would have made.
account() {
  local number=$((60000 + $(wc -l < /etc/passwd)))
  ! grep -q "^$1:" /etc/passwd || return 0
  echo "$1:x:$number:$number::$2:/usr/sbin/nologin" >> /etc/passwd
  echo "$1:x:$number:" >> /etc/group
}

# system_log: what every host has, so that /dev/log ends up in /var/log/syslog.
system_log() {
  busybox syslogd -n -O /var/log/syslog &
  within 5 test -S /dev/log
}

# logged PROGRAM TEXT: the running one has said it to the system's log.
logged() { grep -q "$1\[${running[$1]}\]: .*$2" /var/log/syslog; }

# serve_time ADDRESS OPTION...: an NTP server (ntp_responder.py) elsewhere, in place of what served there before.
serve_time() {
  local length=24 options=()
  [[ $1 != *:* ]] || length=64 options=(nodad)
  if [[ ! -e /run/netns/servers ]]; then
    ip netns add servers
    ip link add ntp0 type veth peer name ntp0 netns servers
    ip addr add 192.0.2.1/24 dev ntp0
    [[ ! -e /proc/net/if_inet6 ]] || ip addr add 2001:db8::1/64 dev ntp0 nodad
    ip link set dev ntp0 up
    ip -n servers link set dev ntp0 up
  fi
  stop "$1"
  ip -n servers addr replace "$1/$length" dev ntp0 "${options[@]}"
  ip netns exec servers "${WATCHDOG%/*}/python" -I -S "$LAB_DIRECTORY/ntp_responder.py" \
    --bind "$1" --port 123 --monotonic "${@:2}" > "/run/$1.log" &
  running[$1]=$!
  within 10 grep -q ^ready "/run/$1.log"
}

# asked ADDRESS TIMES: the server has been asked so often.
asked() { (($(grep -c ^request "/run/$1.log" || true) >= $2)); }

# on_vmware: this host's firmware says that it is a VMware guest.
on_vmware() {
  mkdir -p /run/firmware/upper/dmi/id /run/firmware/work
  echo "VMware, Inc." > /run/firmware/upper/dmi/id/sys_vendor
  echo "VMware20,1" > /run/firmware/upper/dmi/id/product_name
  mount -t overlay -o lowerdir=/sys/class,upperdir=/run/firmware/upper,workdir=/run/firmware/work class /sys/class
}

# vmware_tools LINE...: a stand-in for vmware-toolbox-cmd; the lines say how it answers `timesync status`.
vmware_tools() {
  printf '%s\n' '#!/bin/bash' 'case "$*" in' '-v) echo "12.2.0.41219 (build-21223074)" ;;' \
    '"timesync status")' "$@" ';;' '*) exit 64 ;;' 'esac' > /usr/local/bin/vmware-toolbox-cmd
  chmod 755 /usr/local/bin/vmware-toolbox-cmd
}

# vmware_tools_obey [DEAF]: a stand-in whose time sync is on until it is told `timesync disable`; a deaf one says that it
# has done so and has not. What it was told stands in /run/toolbox.log.
vmware_tools_obey() {
  echo Enabled > /run/timesync
  printf '%s\n' '#!/bin/bash' 'echo "$*" >> /run/toolbox.log' 'case "$*" in' \
    '-v) echo "12.2.0.41219 (build-21223074)" ;;' \
    '"timesync status") cat /run/timesync; grep -q Enabled /run/timesync || exit 69 ;;' \
    "\"timesync disable\") ${1:+true || }echo Disabled > /run/timesync; echo Disabled ;;" \
    '*) exit 64 ;;' 'esac' > /usr/local/bin/vmware-toolbox-cmd
  chmod 755 /usr/local/bin/vmware-toolbox-cmd
}

# ntp_service LINE...: ntpsec as its package sets it up, but for its servers: these lines are added to its ntp.conf.
ntp_service() {
  account ntpsec /nonexistent
  mkdir -p /run/lock /var/lib/ntpsec
  chown ntpsec:ntpsec /var/lib/ntpsec
  # Copies: the unpacked package may be linked to that of another checkout, and a file of two names is not changed.
  sed -i '' /etc/default/ntpsec /etc/init.d/ntpsec
  sed -i -e '/^pool/d' -e '/^tos/d' /etc/ntpsec/ntp.conf
  printf '%s\n' "$@" >> /etc/ntpsec/ntp.conf
}
