# A bond that monitors nothing is given eyes, and a dead member shows
# miimon=0: the kernel calls a dead spare up. `watchdog heal` turns the monitoring on; the dead member is taken out of
# service and told as what it is, which is no harm. Then a bond whose only live path is the spare: it sent into a dead
# cable, and that ends. And a bond without any carrier is left alone, as it would go down.
# modules: bonding veth

tell "A host with bond0 (active-backup), made without miimon; the switch port of eth1, the spare, is dead."
cable eth0 switch port0
cable eth1 switch port1
bond bond0 "mode active-backup miimon 0" eth0 eth1
within 5 says /sys/class/net/eth1/carrier 1
act ip -n switch link set dev port1 down
within 5 says /sys/class/net/eth1/carrier 0
wd blind run bond --json
save kernel_blind cat /sys/class/net/eth1/bonding_slave/mii_status
wd proposals heal 1 --json

tell "The monitoring is turned on."
wd cured heal 1 --apply --yes --json
save miimon_after cat /sys/class/net/bond0/bonding/miimon
save kernel_seeing cat /sys/class/net/eth1/bonding_slave/mii_status
wd after run bond --json

tell "Blind again, and now the active member is the dead one: an outage that the kernel does not see."
act ip -n switch link set dev port1 up
within 5 member eth1 mii_status up
act ip link set dev bond0 type bond miimon 0
act ip -n switch link set dev port0 down
within 5 says /sys/class/net/eth0/carrier 0
wd outage run bond --json
wd outage_cured heal "$(incident_of bond.no_link_monitoring)" --apply --yes --json
save active_after cat /sys/class/net/bond0/bonding/active_slave
wd outage_over run bond --json

tell "Blind, and all dead: monitoring would take bond0 down, so nothing is done."
act ip link set dev bond0 type bond miimon 0
act ip -n switch link set dev port1 down
within 5 says /sys/class/net/eth1/carrier 0
wd all_dead run bond --json
wd refused heal "$(incident_of bond.no_link_monitoring)" --apply --yes --json
save miimon_refused cat /sys/class/net/bond0/bonding/miimon
wd incidents incidents --all --json
