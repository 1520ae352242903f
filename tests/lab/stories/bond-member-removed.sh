# A member is taken out of its bond, which then looks perfectly healthy
# /proc/net/bonding shows no error: the bond has one member and it is up. Only the known membership, remembered from
# the run before, tells that there were two.
# modules: bonding veth

tell "A host with bond0 (active-backup) on two switch ports. All is well."
cable eth0 switch port0
cable eth1 switch port1
bond bond0 "mode active-backup miimon 100" eth0 eth1
within 5 member eth0 mii_status up
within 5 member eth1 mii_status up
wd healthy run --json

tell "eth1 is taken out."
act ip link set dev eth1 nomaster
show cat /proc/net/bonding/bond0
wd removed run --json

tell "It is put back."
act ip link set dev eth1 down
act ip link set dev eth1 master bond0
within 5 member eth1 mii_status up
wd back run --json
wd incidents incidents --all --json
