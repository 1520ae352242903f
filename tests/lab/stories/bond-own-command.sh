# The owner's own command enables a switch port, and is taken back when it did not help
# The switch port of a bond member is off: no remediation of watchdog's can cure that, but the owner has a program that
# asks the switch. It is filled in from the finding, without a shell; it heals. When the switch does not answer it fails;
# when it says yes and does nothing it is of no use: both times the owner's undo is run. And a program that others can
# write is not run at all.
# modules: bonding veth

port_off() {
  act ip -n switch link set dev port0 down
  within 5 member eth0 mii_status down
}

tell "The owner's program, and the settings that name it."
mkdir -p -m 755 /opt/site
cat > /opt/site/switch-port <<'END'
#!/bin/sh
echo "$@" >> /run/calls
case "$1 $(cat /run/switch)" in
  "up away") echo "the switch at https://admin:secret@switch/ does not answer" >&2; exit 3 ;;
  "up deaf") exit 0 ;;
esac
exec ip -n switch link set dev "port${2#--member=eth}" "$1"
END
chmod 755 /opt/site/switch-port
cat > /etc/watchdog/watchdog.toml <<'END'
[remediations.run_command]
cooldown = "1s"

[[remediations.run_command.commands]]
faults = ["bond.member_down"]
subject = "bond0/*"
argv = ["/opt/site/switch-port", "up", "--member={evidence.member}"]
undo = ["/opt/site/switch-port", "down", "--member={evidence.member}"]
settle = "3s"
END
show cat /etc/watchdog/watchdog.toml
wd settings config check
sed 's/{evidence.member}/{membre}/' /etc/watchdog/watchdog.toml > /etc/watchdog/typo.toml
wd typo config check /etc/watchdog/typo.toml

tell "bond0 (active-backup) on two switch ports; the port of eth0 is switched off."
cable eth0 switch port0
cable eth1 switch port1
bond bond0 "mode active-backup miimon 100" eth0 eth1
within 5 member eth0 mii_status up
within 5 member eth1 mii_status up
wd healthy run bond --json
echo well > /run/switch
port_off
wd down run bond --json
wd proposals heal --json

tell "The command is run, and the check says that it helped."
wd cured heal 1 --apply --yes --json
save calls_cured cat /run/calls
wd after run bond --json

tell "Switched off again, and the switch does not answer: the command fails."
port_off
rm /run/calls
echo away > /run/switch
wd down_again run bond --json
wd failed heal 2 --apply --yes --json
save calls_failed cat /run/calls

tell "The switch says yes and does nothing: what was done is taken back."
rm /run/calls
echo deaf > /run/switch
wd useless heal 2 --apply --yes --json
save calls_useless cat /run/calls

tell "Somebody made the program writable for everybody: it is not run."
rm /run/calls
touch /run/calls
chmod 757 /opt/site/switch-port
wd refused heal 2 --apply --yes --json
save calls_refused cat /run/calls
wd incidents incidents --all --json
wd report report --since 1h
