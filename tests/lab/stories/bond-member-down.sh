# A bond member loses its link, and gets it back
# A bond of two in active-backup. The switch port of the active member goes down: traffic fails over, nobody
# notices, and the redundancy is gone. You see the incident open, and resolve when the port is up again.
# modules: bonding veth

tell "A host with bond0 (active-backup) on two switch ports. All is well."
cable eth0 switch port0
cable eth1 switch port1
bond bond0 "mode active-backup miimon 100" eth0 eth1
within 5 member eth0 mii_status up
within 5 member eth1 mii_status up
wd healthy run --json

tell "The switch port of eth0 goes down."
act ip -n switch link set dev port0 down
within 5 member eth0 mii_status down
show cat /proc/net/bonding/bond0
wd down run --json
wd proposals heal --json

tell "The port comes back, and the incident resolves."
act ip -n switch link set dev port0 up
within 5 member eth0 mii_status up
wd back run --json
wd incidents incidents --all --json
