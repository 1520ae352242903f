# A bond that monitors nothing calls a dead member up
# miimon=0 and arp_interval=0: the kernel says "MII Status: up" for ever and goes on sending into the dead link.
# The watchdog says that nothing is monitored, and looks at the carriers itself.
# modules: bonding veth

tell "A host with bond0 (active-backup) on two switch ports, made without miimon."
cable eth0 switch port0
cable eth1 switch port1
bond bond0 "mode active-backup miimon 0" eth0 eth1
within 5 says /sys/class/net/eth1/carrier 1
wd unmonitored run --json

tell "The switch port of eth1, the spare, goes down. The kernel does not look."
act ip -n switch link set dev port1 down
within 5 says /sys/class/net/eth1/carrier 0
save kernel_on_spare cat /sys/class/net/eth1/bonding_slave/mii_status
show cat /proc/net/bonding/bond0
wd spare_down run --json

tell "The port of eth0 goes down too, and that is the active one: an outage that the kernel calls up."
act ip -n switch link set dev port0 down
within 5 says /sys/class/net/eth0/carrier 0
save kernel_on_active cat /sys/class/net/eth0/bonding_slave/mii_status
wd all_down run --json

tell "The ports come back, and monitoring is turned on."
act ip -n switch link set dev port0 up
act ip -n switch link set dev port1 up
act ip link set dev bond0 type bond miimon 100
within 5 says /sys/class/net/eth0/carrier 1
within 5 says /sys/class/net/eth1/carrier 1
within 5 says /sys/class/net/bond0/carrier 1
wd monitored run --json
