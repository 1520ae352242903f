# Words for the stories of mail: a real Dovecot, and a client that has its mailbox open.

# mail_server: Dovecot's accounts and configuration, with one mailbox and IMAP on port 1143.
mail_server() {
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
}

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

# idle_client: somebody logs in, opens the mailbox and waits for mail.
idle_client() {
  within 10 connected
  hears "* OK"
  says_to_imap "a login anna secret"
  hears "a OK"
  says_to_imap "b select inbox"
  hears "b OK"
  says_to_imap "c idle"
  hears "+ idling"
}
