# Somebody set a bond member down: heal raises it, proves it, and undoes what did not help
# A member that was set down by hand is raised again by `watchdog heal`, which believes nobody but the check that
# found the fault. The second time the switch port is dead as well: raising the member cures nothing, so what the
# attempt did is undone, and it says so.
# modules: bonding veth

tell "A host with bond0 (active-backup) on two switch ports. All is well."
cable eth0 switch port0
cable eth1 switch port1
bond bond0 "mode active-backup miimon 100" eth0 eth1
within 5 member eth0 mii_status up
within 5 member eth1 mii_status up
wd healthy run --json

tell "Somebody sets eth0 down."
act ip link set dev eth0 down
within 5 member eth0 mii_status down
wd down run --json
wd proposals heal --json
save before_heal cat /sys/class/net/eth0/flags

tell "What was proposed is applied, and verified by the check that found the fault."
wd cured heal 1 --apply --yes --json
save after_heal cat /sys/class/net/eth0/flags
wd after run --json

tell "eth0 is set down again, and now its switch port is dead too."
act ip -n switch link set dev port0 down
act ip link set dev eth0 down
within 5 member eth0 mii_status down
wd down_again run --json

tell "Raising it is proposed as before, but does not cure: what the attempt did is undone."
wd not_cured heal 2 --apply --yes --json
save after_rollback cat /sys/class/net/eth0/flags
wd incidents incidents --all --json
keep_history
wd report report --since 1h
