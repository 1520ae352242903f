# The clock goes back by 18 s and Dovecot kills itself: the outage that this began with
# A real Dovecot on a VMware guest, a mail client in IDLE. The clock is set back; Dovecot's mail process writes that time
# moved backwards and kills itself, and its master starts no new one for a while. The watchdog tells it as one story,
# from the cause to what died of it; whoever is to be told hears of it once, and once that it is over.
# packages: dovecot open-vm-tools

mail_server
webhook
told_to webhook critical

tell "A VMware guest with Dovecot. A client has its mailbox open and waits for mail."
act on_vmware
act vmware_tools 'echo Enabled'
act dovecot
idle_client
wd before run --json

tell "Another client connects, and then the clock goes back by 18 s."
# Dovecot counts from when a process last looked at the clock: its master looks now.
another_client
save offset_before clock_offset
act date -s "-18 sec"
save offset_after clock_offset
within 20 grep -q "kill myself" /var/log/dovecot.log
within 20 grep -q "master: .* waiting for" /var/log/dovecot.log
save dovecot_says grep "Time " /var/log/dovecot.log
show grep "Time " /var/log/dovecot.log
wd killed run --json
show cat "$notifications"
wd again run
wd status status
to_people || wd chain incidents --json

tell "VMware Tools' time sync is switched off. What happened stays until it has been quiet for an hour."
act vmware_tools 'echo Disabled; exit 69'
wd after run --json
wd incidents incidents --all --json

tell "An hour of quiet goes by (in the record, so that nobody needs to wait), and it is over."
an_hour_went_by
wd over run
show cat "$notifications"
doveadm stop
kill "$webhook"
