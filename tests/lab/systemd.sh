# Words for the stories under systemd; lib.sh has the others.

# with_systemd: the real systemd, as the first process of a container inside the lab's kernel: its own processes, mounts and
# control groups, and the host's network, clock and files. What it says before its journal runs is on the kernel's console.
with_systemd() {
  local unit
  mkdir -p /sys/fs/cgroup
  mount -t cgroup2 cgroup2 /sys/fs/cgroup
  mkdir -p /sys/fs/cgroup/lab
  # At its start systemd empties /tmp; this checkout may lie there.
  mkdir -p /etc/tmpfiles.d
  ln -sf /dev/null /etc/tmpfiles.d/tmp.conf
  # There are no devices to manage, and no binaries of other processors.
  for unit in systemd-udevd.service systemd-udev-trigger.service systemd-udevd-control.socket systemd-udevd-kernel.socket \
    systemd-binfmt.service proc-sys-fs-binfmt_misc.automount; do
    ln -sf /dev/null "/etc/systemd/system/$unit"
  done
  # Only what every host has; not the services that this machine happens to have.
  printf '%s\n' "[Unit]" "Requires=sysinit.target" "Wants=basic.target" "After=sysinit.target basic.target" \
    "AllowIsolate=yes" > /etc/systemd/system/lab.target
  (
    echo "$BASHPID" > /sys/fs/cgroup/lab/cgroup.procs
    exec unshare --pid --fork --mount --cgroup --mount-proc bash -c '
      umount -l /sys/fs/cgroup && mount -t cgroup2 cgroup2 /sys/fs/cgroup
      exec env -i container=lab PATH="$PATH" /lib/systemd/systemd --system --show-status=no --unit=lab.target'
  ) < /dev/null > /run/systemd.log 2>&1 &
  within 30 pgrep -x systemd > /dev/null
  systemd=$(pgrep -x systemd | head -n 1)
  within 120 systemd_is_up
}
systemd_is_up() { [[ $(under_systemd systemctl is-system-running 2> /dev/null) == @(running|degraded) ]]; }

# under_systemd COMMAND...: a command where systemd is the first process.
under_systemd() { nsenter --target "$systemd" --pid --mount "$@"; }

# installed_below_opt: the program as a person installs it, root's own, where the daemon's user can read it. It is this
# checkout, with its Python; $WATCHDOG is that from now on.
installed_below_opt() {
  local opt=/opt/host-watchdog python=${WATCHDOG%/*}/python base site library each
  base=$("$python" -I -S -c 'import sys; print(sys.base_prefix)')
  site=$("$python" -I -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
  library=$opt/lib/${site#*/lib/}
  mkdir -p $opt/bin $opt/python $opt/packages "$library"
  mount --bind "$base" $opt/python
  mount --bind "$site" $opt/packages
  chown -R root:root "$LAB_CHECKOUT"/{watchdog,config}
  for each in watchdog checks remediations config; do
    mkdir -p "$opt/source/$each"
    mount --bind "$LAB_CHECKOUT/$each" "$opt/source/$each"
  done
  echo "home = $opt/python/bin" > $opt/pyvenv.cfg
  ln -s "$opt/python/bin/$(basename "$(readlink -f "$python")")" $opt/bin/python
  printf '%s\n' $opt/source $opt/packages > "$library/lab.pth"
  printf '%s\n' "#!$opt/bin/python" "import sys" "from watchdog.cli import main" "sys.exit(main())" > $opt/bin/watchdog
  chmod 755 $opt/bin/watchdog
  WATCHDOG=$opt/bin/watchdog
  # A Python that was built elsewhere looks for its library there, which may be a home that the units hide.
  for each in host-watchdog.service host-watchdog-heal.service; do
    drop_in "$each" "Environment=LD_LIBRARY_PATH=$opt/python/lib"
  done
}

# drop_in UNIT LINE...: lines for its [Service], as `systemctl edit` writes them.
drop_in() {
  mkdir -p "/etc/systemd/system/$1.d"
  printf '%s\n' "[Service]" "${@:2}" >> "/etc/systemd/system/$1.d/lab.conf"
}

# unit PROPERTY [UNIT]: what systemd says of a unit.
unit() { under_systemd systemctl show --property "$1" --value "${2-host-watchdog.service}"; }

# unit_is PROPERTY VALUE [UNIT]: it is so.
unit_is() { [[ $(unit "$1" "${3-host-watchdog.service}") == "$2" ]]; }

# wd_there NAME ARGUMENTS...: `wd` where systemd is the first process.
wd_there() {
  printf '%s\n' "#!/bin/sh" "exec nsenter --target $systemd --pid --mount $WATCHDOG \"\$@\"" > /run/watchdog-there
  chmod 755 /run/watchdog-there
  WATCHDOG=/run/watchdog-there wd "$@"
}

# journal_has MATCH...: journalctl finds a line.
journal_has() { [[ $(under_systemd journalctl --quiet --no-pager --output=cat "$@" 2> /dev/null) ]]; }

# healed_alone: an attempt that nobody asked for has healed.
healed_alone() { [[ $(in_record "len(sql('select 1 from attempts where mode=? and outcome=?', 'auto', 'healed'))") != 0 ]]; }
