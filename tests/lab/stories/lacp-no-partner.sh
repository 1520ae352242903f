# LACP without a partner: two cables, one of them idle
# The host's bond is 802.3ad, the switch knows nothing of it. The links are up, the kernel calls the bond up, and
# only one member carries anything. A fault of this kind must last a minute before it fires: until then it is pending.
# modules: bonding veth

tell "bond0 of the host is 802.3ad; the ports of the switch are in no group."
cable eth0 switch port0
cable eth1 switch port1
bond bond0 "mode 802.3ad miimon 100 lacp_rate fast" eth0 eth1
within 5 member eth0 mii_status up
within 5 member eth1 mii_status up
show cat /proc/net/bonding/bond0
save partner cat /sys/class/net/bond0/bonding/ad_partner_mac
wd alone run --json
wd incidents incidents --json
