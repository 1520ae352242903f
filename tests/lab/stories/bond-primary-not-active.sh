# The primary member is up, and traffic takes the spare path
# With primary_reselect=always the kernel goes back to the primary when it comes up; here somebody chose the spare by
# hand, and there it stays. A fault of this kind must last 10 s before it fires.
# modules: bonding veth

tell "A host with bond0 (active-backup, primary eth0) on two switch ports. All is well."
cable eth0 switch port0
cable eth1 switch port1
bond bond0 "mode active-backup miimon 100 primary_reselect always" eth0 eth1
act ip link set dev bond0 type bond primary eth0
within 5 member eth0 mii_status up
within 5 member eth1 mii_status up
within 5 member eth0 state active
wd healthy run --json

tell "Somebody makes eth1 active."
act ip link set dev bond0 type bond active_slave eth1
within 5 member eth1 state active
show cat /proc/net/bonding/bond0
wd on_spare run --json
wd pending incidents --json

tell "It stays so for more than 10 s."
sleep 10
wd still_on_spare run --json
wd firing incidents --json

tell "eth0 is made active again."
act ip link set dev bond0 type bond active_slave eth0
within 5 member eth0 state active
wd back run --json
wd incidents incidents --all --json
