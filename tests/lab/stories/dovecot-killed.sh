# The clock goes back by 18 s and Dovecot kills itself: the outage that this began with
# A real Dovecot on a VMware guest, a mail client in IDLE. The clock is set back; Dovecot's mail process writes that time
# moved backwards and kills itself, and its master starts no new one for a while. The watchdog tells it as one story,
# from the cause to what died of it.
# packages: dovecot open-vm-tools

account dovecot /usr/lib/dovecot
account dovenull /nonexistent
mkdir -p /etc/dovecot
cat > /etc/dovecot/dovecot.conf << 'END'
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
log_path = /var/log/dovecot.log
mail_location = maildir:/var/mail/%u
first_valid_uid = 8
# How often an idle session says that it is still there: 2 min by default.
imap_idle_notify_interval = 2s
passdb {
  driver = static
  args = password=secret
}
userdb {
  driver = static
  args = uid=mail gid=mail
}
service imap-login {
  inet_listener imap {
    port = 1143
  }
}
END
# A mail client: it says a line to the server, and reads its answers up to the one that begins so.
says_to_imap() { printf '%s\r\n' "$1" >&5; }
hears() {
  local line
  while IFS= read -r -t 20 -u 5 line; do
    [[ $line != "$1"* ]] || return 0
  done
  echo "the server did not say: $1" >&2
  return 1
}
another_client() { exec 6<> /dev/tcp/127.0.0.1/1143 && read -r -t 20 -u 6; }
connected() { { exec 5<> /dev/tcp/127.0.0.1/1143; } 2> /dev/null; }

tell "A VMware guest with Dovecot. A client has its mailbox open and waits for mail."
act on_vmware
act vmware_tools 'echo Enabled'
act dovecot
within 10 connected
hears "* OK"
says_to_imap "a login anna secret"
hears "a OK"
says_to_imap "b select inbox"
hears "b OK"
says_to_imap "c idle"
hears "+ idling"
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
wd status status
to_people || wd chain incidents --json

tell "VMware Tools' time sync is switched off. What happened stays until it has been quiet for an hour."
act vmware_tools 'echo Disabled; exit 69'
wd after run --json
wd incidents incidents --all --json
doveadm stop
