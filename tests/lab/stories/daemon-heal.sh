# What the daemon finds it proposes, and `watchdog heal` applies it beside the daemon
# `watchdog daemon` looks. Somebody sets a bond member down: the daemon is told so by the kernel, and proposes to raise
# it, by what all checks said. `watchdog heal` lists that, and heals with the history that the daemon lends it.
# modules: bonding veth

tell "A host with bond0 (active-backup) on two switch ports, and the daemon. All is well."
cable eth0 switch port0
cable eth1 switch port1
bond bond0 "mode active-backup miimon 100" eth0 eth1
within 5 member eth0 mii_status up
within 5 member eth1 mii_status up
daemon
# A plan needs what every check says; the slowest asks time servers that are not there.
for check in bond clock_sync vrrp; do
  within 60 looked_since 0 "$check"
done

tell "Somebody sets eth0 down. The daemon sees it, and proposes to raise it."
act ip link set dev eth0 down
within 20 recorded bond.member_down
within 20 proposed bond_raise_member
wd proposals heal --json
wd found incidents --json

tell "A person applies that, while the daemon runs."
bond_fault=$(incident_of bond.member_down)
wd cured heal "$bond_fault" --apply --yes --json
save after_heal cat /sys/class/net/eth0/flags
save healed_at boottime

tell "The daemon has its history back, and looks on."
within 60 looked_since "$(cat "$OUT/healed_at.txt" 2> /dev/null || boottime)"
wd after incidents --all --json
wd status status --json
end_daemon
