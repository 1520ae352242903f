#!/bin/bash
# Pid 1 of the lab's kernel. Started by uml.py, which passes LAB (a private directory of this machine) by the
# kernel's command line. It makes a world that can be written without writing this machine, runs the scenario in
# it, leaves the scenario's exit code in LAB/out and powers off.
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
source "$LAB/environment"
set -eu

die() {
  echo "lab: $*" >&2
  echo o > /proc/sysrq-trigger
  sleep 60
}
trap 'die "init.sh line $LINENO: $BASH_COMMAND failed"' ERR

# modprobe wants its tree as DIR/lib/modules/RELEASE; the empty directory keeps this machine's modprobe.d out.
load() {
  modprobe -C /run/modules/none -d /run/modules "$@" || die "no kernel module: $* (is it in /usr/lib/uml/modules?)"
}
modules() {
  mkdir -p /run/modules/lib/modules /run/modules/none
  ln -s "/usr/lib/uml/modules/$(uname -r)" /run/modules/lib/modules/
}

# The root is this machine's, mounted read-only. Over it lies a layer of memory: every write ends there, and after
# pivot_root nothing inside can reach, or remount, what lies below. Where the checkout is does not matter.
mount -n -t proc proc /proc
mount -n -t tmpfs layer /run
modules
load overlay
mkdir /run/upper /run/work /run/root
layers=/
for package in $LAB_PACKAGES; do
  mkdir -p "/run/packages/$package"
  # A mount of its own: overlay takes no layer that lies inside another.
  mount -n -t hostfs -o "$LAB_CHECKOUT/.lab/packages/$package" package "/run/packages/$package"
  layers=/run/packages/$package:$layers
done
mount -n -t overlay -o "lowerdir=$layers,upperdir=/run/upper,workdir=/run/work" root /run/root
cd /run/root
mount -n -t proc proc proc
mount -n -t sysfs sys sys
mount -n -t devtmpfs dev dev
mount -n -t tmpfs run run
mkdir run/below
pivot_root . run/below
cd /
umount -n -l /run/below
rmdir /run/below

# What this machine happens to have installed is not on a host of the lab, unless the scenario asks for it.
[[ " $LAB_PACKAGES " == *" dovecot "* ]] || rm -rf /etc/dovecot

# A host that is just installed: no logs, no history, no configuration of the watchdog, whatever this machine has.
# And no container, even if this machine is one.
rm -f /.dockerenv
mkdir -p /dev/pts /run/netns /run/home /run/lab/out /var/lib/watchdog /etc/watchdog
mount -n -t tmpfs logs /var/log
mount -n -t devpts pts /dev/pts
mount -n -t tmpfs -o mode=755 state /var/lib/watchdog
mount -n -t tmpfs -o mode=755 config /etc/watchdog
ln -sf /proc/self/fd /dev/fd
ln -sf /proc/self/fd/0 /dev/stdin
ln -sf /proc/self/fd/1 /dev/stdout
ln -sf /proc/self/fd/2 /dev/stderr
echo lab > /proc/sys/kernel/hostname
ip link set dev lo up
# The one door to this machine: a private directory for what the scenario leaves.
mount -n -t hostfs -o "$LAB/out" out /run/lab/out

(sleep "$LAB_SECONDS" && echo o > /proc/sysrq-trigger) &
# And the watchdog was installed by root, whoever made the checkout: root refuses plugins that others can write.
chown -R root:root "$LAB_CHECKOUT"/{checks,remediations}
chmod -R go-w "$LAB_CHECKOUT"/{checks,remediations}
modules
for module in $LAB_MODULES; do
  case $module in
    bonding) load bonding max_bonds=0 ;;
    dummy) load dummy numdummies=0 ;;
    *) load "$module" ;;
  esac
done

# The scenario talks on a terminal of its own, so that kernel messages stay out of its words. -opost: no \r\n.
exec 8<>/dev/tty1
stty -F /dev/tty1 -opost -echo cols "$LAB_COLUMNS" rows 50
code=0
(cd /run/home && exec setsid bash -eEuo pipefail "$LAB_DIRECTORY/lib.sh" "$LAB/scenario.sh") <&8 >&8 2>&8 8>&- || code=$?
echo "$code" > /run/lab/out/.exit_code
sync
umount -n /run/lab/out
exec 8>&-
echo o > /proc/sysrq-trigger
sleep 60
