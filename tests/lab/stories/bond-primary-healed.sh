# The primary of a bond is brought back, where it can be
# Somebody left the traffic on the spare. `watchdog heal` sends it through the primary again. Then something else on the
# host insists on the spare: what was done does not last, and is undone. Then the primary's cable breaks as soon as
# there is traffic on it: that harms, and is undone too. And a primary that is down, or that came and went, is left.
# modules: bonding veth

active() { says /sys/class/net/bond0/bonding/active_slave "$1"; }
on_spare() {
  act ip link set dev bond0 type bond active_slave eth1
  within 5 active eth1
}

# whenever_on MEMBER COMMAND...: something that watches the bond, and does that as soon as it sends through the member.
whenever_on() {
  local now
  while :; do
    read -r now < /sys/class/net/bond0/bonding/active_slave || true
    [[ $now != "$1" ]] || "${@:2}"
    read -rt 0.02 <> <(:) || true
  done
}

cat > /etc/watchdog/watchdog.toml <<'END'
[remediations.bond_use_primary]
cooldown = "1s"
END

tell "A host with bond0 (active-backup, primary eth0) on two switch ports. All is well."
cable eth0 switch port0
cable eth1 switch port1
bond bond0 "mode active-backup miimon 10 primary_reselect always" eth0 eth1
act ip link set dev bond0 type bond primary eth0
within 5 member eth0 mii_status up
within 5 member eth1 mii_status up
within 5 active eth0
wd healthy run bond --json

tell "Somebody makes eth1 active, and there it stays for more than 10 s."
on_spare
wd on_spare run bond --json
sleep 11
wd still_on_spare run bond --json
wd proposals heal --json
save before_heal cat /sys/class/net/bond0/bonding/active_slave

tell "What was proposed is applied, and verified by the check that found the fault."
wd cured heal 1 --apply --yes --json
save after_heal cat /sys/class/net/bond0/bonding/active_slave
wd after run bond --json

tell "Again; and now a script of somebody's insists on eth1."
on_spare
wd again run bond --json
sleep 11
wd again_firing run bond --json
whenever_on eth0 ip link set dev bond0 type bond active_slave eth1 &
script=$!
wd not_cured heal 2 --apply --yes --json
save after_not_cured cat /sys/class/net/bond0/bonding/active_slave
kill "$script"

tell "The script is gone, but the cable of eth0 breaks as soon as there is traffic on it."
sleep 3
whenever_on eth0 ip -n switch link set dev port0 down &
script=$!
wd harmed heal 2 --apply --yes --json
save after_harmed cat /sys/class/net/bond0/bonding/active_slave
kill "$script"
wd primary_down run bond --json

tell "It is put in, and out, and in again. A primary that comes and goes is no place to go back to."
for loss in first second; do
  act ip -n switch link set dev port0 up
  within 5 member eth0 mii_status up
  act ip -n switch link set dev port0 down
  within 5 member eth0 mii_status down
done
act ip -n switch link set dev port0 up
within 5 member eth0 mii_status up
within 5 active eth0
on_spare
wd flapped run bond --json
sleep 11
wd flapped_firing run bond --json
wd refused heal "$(incident_of bond.primary_not_active)" --apply --yes --json
save after_refused cat /sys/class/net/bond0/bonding/active_slave
wd incidents incidents --all --json
