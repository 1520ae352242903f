# LACP with two partners: the third cable went into the wrong switch
# Two cables of the bond end in one switch and one in another. Every link is up and LACP answers on each, yet only
# one aggregator is active: what is on the other switch carries nothing.
# modules: bonding veth

# Neither end runs on defaults (0x40) or on what it heard too long ago (0x80).
met_partner() {
  local actor partner
  read -r actor < "/sys/class/net/$1/bonding_slave/ad_actor_oper_port_state"
  read -r partner < "/sys/class/net/$1/bonding_slave/ad_partner_oper_port_state"
  ((!(actor & 0xc0) && !(partner & 0xc0)))
}

tell "bond0 of the host is 802.3ad: eth0 and eth1 end in one switch, eth2 in another."
cable eth0 switch port0
cable eth1 switch port1
cable eth2 other port0
bond_on switch bond9 "mode 802.3ad miimon 100 lacp_rate fast" port0 port1
bond_on other bond9 "mode 802.3ad miimon 100 lacp_rate fast" port0
bond bond0 "mode 802.3ad miimon 100 lacp_rate fast ad_select count" eth0 eth1 eth2
for interface in eth0 eth1; do
  within 20 member "$interface" ad_actor_oper_port_state 63
  within 20 member "$interface" ad_partner_oper_port_state 63
done
within 20 met_partner eth2
show cat /proc/net/bonding/bond0
save aggregators grep . /sys/class/net/eth{0,1,2}/bonding_slave/ad_aggregator_id
wd crossed run --json
