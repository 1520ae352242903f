# LACP with a real partner: nothing is wrong
# Two bonds in 802.3ad, one on the host and one on the switch, negotiate over two cables. Both members end in one
# aggregator, and the watchdog finds nothing.
# modules: bonding veth

tell "bond0 of the host and bond9 of the switch, both 802.3ad, on two cables."
cable eth0 switch port0
cable eth1 switch port1
bond_on switch bond9 "mode 802.3ad miimon 100 lacp_rate fast" port0 port1
bond bond0 "mode 802.3ad miimon 100 lacp_rate fast" eth0 eth1
# 0x3f: active, fast, aggregatable, in sync, collecting, distributing.
for end in actor partner; do
  within 20 member eth0 "ad_${end}_oper_port_state" 63
  within 20 member eth1 "ad_${end}_oper_port_state" 63
done
show cat /proc/net/bonding/bond0
save partner cat /sys/class/net/bond0/bonding/ad_partner_mac
wd negotiated run --json
