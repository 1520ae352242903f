-- now: 46659654-b31f-4cc6-99e2-bc56517e4d92 385730258944 1795898272439164861
PRAGMA application_id=1464094535;
BEGIN TRANSACTION;
CREATE TABLE acks (
	id INTEGER NOT NULL, 
	incident_id INTEGER NOT NULL, 
	severity TEXT NOT NULL, 
	who TEXT NOT NULL, 
	why TEXT NOT NULL, 
	at_boot INTEGER NOT NULL, 
	at_boottime_ns INTEGER NOT NULL, 
	at_wall_ns INTEGER NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(incident_id) REFERENCES incidents (id) ON DELETE CASCADE, 
	FOREIGN KEY(at_boot) REFERENCES boots (ordinal)
);
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0003');
CREATE TABLE attempts (
	id INTEGER NOT NULL, 
	incident_id INTEGER NOT NULL, 
	remediation TEXT NOT NULL, 
	mode TEXT NOT NULL, 
	outcome TEXT NOT NULL, 
	reason TEXT NOT NULL, 
	"plan" TEXT NOT NULL, 
	started_boot INTEGER NOT NULL, 
	started_boottime_ns INTEGER NOT NULL, 
	started_wall_ns INTEGER NOT NULL, 
	ended_boot INTEGER, 
	ended_boottime_ns INTEGER, 
	ended_wall_ns INTEGER, permission TEXT DEFAULT '' NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(ended_boot) REFERENCES boots (ordinal), 
	FOREIGN KEY(incident_id) REFERENCES incidents (id) ON DELETE CASCADE, 
	FOREIGN KEY(started_boot) REFERENCES boots (ordinal)
);
INSERT INTO "attempts" VALUES(1,1,'bond_raise_member','propose','closed','approved, as try 2','{"summary":"set eth0 administratively up, so that bond0 can use it again","steps":[{"step":"LinkChange","link":"eth0","up":true}],"settle_seconds":15.2,"lasting":false,"note":"to make it last over a restart, let the network configuration bring eth0 up: `auto eth0` in /etc/network/interfaces (ifupdown), no `ActivationPolicy=down` in its .link or .network file (systemd-networkd), `nmcli connection modify PROFILE connection.autoconnect yes` (NetworkManager), no `activation-mode: off` for it (netplan).","healthy_left":null,"accepts":[],"undone_after_seconds":null}',1,89919255680,1795897976652721853,1,317045846144,1795898203754681533,'');
INSERT INTO "attempts" VALUES(2,1,'bond_raise_member','propose','healed','the check no longer finds the fault','{"summary":"set eth0 administratively up, so that bond0 can use it again","steps":[{"step":"LinkChange","link":"eth0","up":true}],"settle_seconds":15.2,"lasting":false,"note":"to make it last over a restart, let the network configuration bring eth0 up: `auto eth0` in /etc/network/interfaces (ifupdown), no `ActivationPolicy=down` in its .link or .network file (systemd-networkd), `nmcli connection modify PROFILE connection.autoconnect yes` (NetworkManager), no `activation-mode: off` for it (netplan).","healthy_left":null,"accepts":[],"undone_after_seconds":null}',1,316800178176,1795898203509013437,1,339660967424,1795898226369803197,'root (uid 0), by watchdog heal 1 --apply');
CREATE TABLE audit (
	seq INTEGER NOT NULL, 
	kind TEXT NOT NULL, 
	attempt_id INTEGER, 
	incident_id INTEGER, 
	payload TEXT NOT NULL, 
	boot_id TEXT NOT NULL, 
	boottime_ns INTEGER NOT NULL, 
	wall_ns INTEGER NOT NULL, 
	hash TEXT NOT NULL, 
	PRIMARY KEY (seq)
);
INSERT INTO "audit" VALUES(1,'proposed',1,1,'{"remediation":"bond_raise_member","mode":"propose","outcome":"proposed","reason":"","permission":"","plan":{"summary":"set eth0 administratively up, so that bond0 can use it again","steps":[{"step":"LinkChange","link":"eth0","up":true}],"settle_seconds":15.2,"lasting":false,"note":"to make it last over a restart, let the network configuration bring eth0 up: `auto eth0` in /etc/network/interfaces (ifupdown), no `ActivationPolicy=down` in its .link or .network file (systemd-networkd), `nmcli connection modify PROFILE connection.autoconnect yes` (NetworkManager), no `activation-mode: off` for it (netplan).","healthy_left":null,"accepts":[],"undone_after_seconds":null},"ended":null}','46659654-b31f-4cc6-99e2-bc56517e4d92',89919255680,1795897976652721853,'cf630f6021ef90cc51d24b70d2b68df0f03679f9830a79d5336836b99304a89b');
INSERT INTO "audit" VALUES(2,'begun',2,1,'{"remediation":"bond_raise_member","mode":"propose","outcome":"running","reason":"","permission":"root (uid 0), by watchdog heal 1 --apply","plan":{"summary":"set eth0 administratively up, so that bond0 can use it again","steps":[{"step":"LinkChange","link":"eth0","up":true}],"settle_seconds":15.2,"lasting":false,"note":"to make it last over a restart, let the network configuration bring eth0 up: `auto eth0` in /etc/network/interfaces (ifupdown), no `ActivationPolicy=down` in its .link or .network file (systemd-networkd), `nmcli connection modify PROFILE connection.autoconnect yes` (NetworkManager), no `activation-mode: off` for it (netplan).","healthy_left":null,"accepts":[],"undone_after_seconds":null},"ended":null}','46659654-b31f-4cc6-99e2-bc56517e4d92',316800178176,1795898203509013437,'12e2da3e36193ece8c7b7475354cc39a044bf975a312f94e7f2df9d76dd6eee7');
INSERT INTO "audit" VALUES(3,'closed',1,1,'{"outcome":"closed","reason":"approved, as try 2","ended":["46659654-b31f-4cc6-99e2-bc56517e4d92",317045846144,1795898203754681533]}','46659654-b31f-4cc6-99e2-bc56517e4d92',317045846144,1795898203754681533,'9d95191ee026696f58068a1c7e9726f1a678d61de0f885e02c2c91fb64d1a78d');
INSERT INTO "audit" VALUES(4,'step',2,1,'{"seq":0,"step":{"step":"LinkChange","link":"eth0","up":true},"undo":{"step":"LinkChange","link":"eth0","up":false},"state":"planned","output":""}','46659654-b31f-4cc6-99e2-bc56517e4d92',321656980608,1795898208365818557,'873e77c6ab5b5425f94430a7bb4cd75c7650ab64bbcc230689d052a9077ca5f7');
INSERT INTO "audit" VALUES(5,'step',2,1,'{"seq":0,"step":{"step":"LinkChange","link":"eth0","up":true},"undo":{"step":"LinkChange","link":"eth0","up":false},"state":"done","output":"eth0 is administratively up"}','46659654-b31f-4cc6-99e2-bc56517e4d92',321813736960,1795898208522572221,'6972bcd3f7f36d0d0908cb49b68f955e9e360809e35b9a7564520b61c5368eae');
INSERT INTO "audit" VALUES(6,'verified',2,1,'{"problem":""}','46659654-b31f-4cc6-99e2-bc56517e4d92',339599646080,1795898226308481981,'924ae1f59207505fbfc7fa9f81f8243ec110dba8ceab10ff8b9a0295963827d4');
INSERT INTO "audit" VALUES(7,'ended',2,1,'{"outcome":"healed","reason":"the check no longer finds the fault","ended":["46659654-b31f-4cc6-99e2-bc56517e4d92",339660967424,1795898226369803197]}','46659654-b31f-4cc6-99e2-bc56517e4d92',339660967424,1795898226369803197,'24afc6fce73c413ff3310127b1489c898734a548761ba9b644503c57ba23a036');
CREATE TABLE boots (
	ordinal INTEGER NOT NULL, 
	boot_id TEXT NOT NULL, 
	host TEXT NOT NULL, 
	first_boottime_ns INTEGER NOT NULL, 
	first_wall_ns INTEGER NOT NULL, 
	last_boottime_ns INTEGER NOT NULL, 
	last_wall_ns INTEGER NOT NULL, 
	PRIMARY KEY (ordinal), 
	UNIQUE (boot_id)
);
INSERT INTO "boots" VALUES(1,'46659654-b31f-4cc6-99e2-bc56517e4d92','lab',59133136896,1795897945866602941,359701801216,1795898246410636989);
CREATE TABLE checks (
	id INTEGER NOT NULL, 
	name TEXT NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (name)
);
INSERT INTO "checks" VALUES(1,'bond');
INSERT INTO "checks" VALUES(2,'clock_step');
INSERT INTO "checks" VALUES(3,'clock_sync');
INSERT INTO "checks" VALUES(4,'dsr_real_server');
INSERT INTO "checks" VALUES(5,'ipvs');
INSERT INTO "checks" VALUES(6,'multihome');
INSERT INTO "checks" VALUES(7,'ntp_can_step');
INSERT INTO "checks" VALUES(8,'proxy_port');
INSERT INTO "checks" VALUES(9,'service');
INSERT INTO "checks" VALUES(10,'vmware_timesync');
INSERT INTO "checks" VALUES(11,'vrrp');
INSERT INTO "checks" VALUES(12,'watchdog');
CREATE TABLE configurations (
	id INTEGER NOT NULL, 
	path TEXT NOT NULL, 
	sha256 TEXT NOT NULL, 
	at_boot INTEGER NOT NULL, 
	at_boottime_ns INTEGER NOT NULL, 
	at_wall_ns INTEGER NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(at_boot) REFERENCES boots (ordinal)
);
INSERT INTO "configurations" VALUES(1,'/etc/watchdog/watchdog.toml','6cee28f8d1129f117f74efb4037726b1d243f70e930444c42ef9f3396d3fce5d',1,67726958080,1795897954460424381);
CREATE TABLE holds (
	id INTEGER NOT NULL, 
	kind TEXT NOT NULL, 
	pattern TEXT NOT NULL, 
	who TEXT NOT NULL, 
	why TEXT NOT NULL, 
	seconds DOUBLE, 
	began_boot INTEGER NOT NULL, 
	began_boottime_ns INTEGER NOT NULL, 
	began_wall_ns INTEGER NOT NULL, 
	ended_boot INTEGER, 
	ended_boottime_ns INTEGER, 
	ended_wall_ns INTEGER, 
	ended_by TEXT NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(began_boot) REFERENCES boots (ordinal), 
	FOREIGN KEY(ended_boot) REFERENCES boots (ordinal)
);
CREATE TABLE incidents (
	id INTEGER NOT NULL, 
	fault TEXT NOT NULL, 
	subject TEXT NOT NULL, 
	severity TEXT NOT NULL, 
	state TEXT NOT NULL, 
	summary TEXT NOT NULL, 
	evidence TEXT NOT NULL, 
	opened_boot INTEGER NOT NULL, 
	opened_boottime_ns INTEGER NOT NULL, 
	opened_wall_ns INTEGER NOT NULL, 
	last_seen_boot INTEGER NOT NULL, 
	last_seen_boottime_ns INTEGER NOT NULL, 
	last_seen_wall_ns INTEGER NOT NULL, 
	fired_boot INTEGER, 
	fired_boottime_ns INTEGER, 
	fired_wall_ns INTEGER, 
	resolved_boot INTEGER, 
	resolved_boottime_ns INTEGER, 
	resolved_wall_ns INTEGER, 
	occurrences INTEGER NOT NULL, 
	caused_by TEXT NOT NULL, 
	inhibited BOOLEAN NOT NULL, 
	flapping BOOLEAN NOT NULL, 
	told TEXT, 
	PRIMARY KEY (id), 
	FOREIGN KEY(fired_boot) REFERENCES boots (ordinal), 
	FOREIGN KEY(last_seen_boot) REFERENCES boots (ordinal), 
	FOREIGN KEY(opened_boot) REFERENCES boots (ordinal), 
	FOREIGN KEY(resolved_boot) REFERENCES boots (ordinal)
);
INSERT INTO "incidents" VALUES(1,'bond.member_down','bond0/eth0','warning','resolved','eth0 in bond0 is down (administratively down, link lost once since it joined); traffic runs on eth1 alone; raise it: ip link set dev eth0 up','{"bond":"bond0","member":"eth0","mode":"active-backup","admin_up":false,"carrier":false,"mii_status":"down","monitored":true,"miimon_ms":100,"updelay_ms":0,"known":true,"members_up":["eth1"],"link_failure_count":1,"permanent_mac":"e6:d4:b2:d9:2f:aa"}',1,89006310912,1795897975739781309,1,263669439488,1795898150378274749,1,89006310912,1795897975739781309,1,339891296512,1795898226600131517,1,'[]',0,0,'warning');
CREATE TABLE journal (
	attempt_id INTEGER NOT NULL, 
	seq INTEGER NOT NULL, 
	step TEXT NOT NULL, 
	undo TEXT, 
	state TEXT NOT NULL, 
	output TEXT NOT NULL, 
	written_boot INTEGER NOT NULL, 
	written_boottime_ns INTEGER NOT NULL, 
	written_wall_ns INTEGER NOT NULL, 
	changed_boot INTEGER NOT NULL, 
	changed_boottime_ns INTEGER NOT NULL, 
	changed_wall_ns INTEGER NOT NULL, 
	PRIMARY KEY (attempt_id, seq), 
	FOREIGN KEY(attempt_id) REFERENCES attempts (id) ON DELETE CASCADE, 
	FOREIGN KEY(changed_boot) REFERENCES boots (ordinal), 
	FOREIGN KEY(written_boot) REFERENCES boots (ordinal)
);
INSERT INTO "journal" VALUES(2,0,'{"step":"LinkChange","link":"eth0","up":true}','{"step":"LinkChange","link":"eth0","up":false}','done','eth0 is administratively up',1,321656980608,1795898208365818557,1,321813736960,1795898208522572221);
CREATE TABLE memories (
	check_id INTEGER NOT NULL, 
	value BLOB NOT NULL, 
	at_boot INTEGER NOT NULL, 
	at_boottime_ns INTEGER NOT NULL, 
	at_wall_ns INTEGER NOT NULL, 
	PRIMARY KEY (check_id), 
	FOREIGN KEY(at_boot) REFERENCES boots (ordinal), 
	FOREIGN KEY(check_id) REFERENCES checks (id)
);
INSERT INTO "memories" VALUES(1,X'7B22626F6F745F6964223A2234363635393635342D623331662D346363362D393965322D626335363531376534643932222C22626F6E6473223A5B7B226E616D65223A22626F6E6430222C226D656D62657273223A5B7B226E616D65223A2265746830222C227365656E223A747275652C227065726D616E656E745F6D6163223A2265363A64343A62323A64393A32663A6161222C226C696E6B5F6661696C7572655F636F756E74223A312C22646F776E223A66616C73652C226C6F73735F6F776564223A66616C73657D2C7B226E616D65223A2265746831222C227365656E223A747275652C227065726D616E656E745F6D6163223A2236653A31383A61383A31323A34643A3239222C226C696E6B5F6661696C7572655F636F756E74223A302C22646F776E223A66616C73652C226C6F73735F6F776564223A66616C73657D5D7D5D7D',1,339891296512,1795898226600131517);
INSERT INTO "memories" VALUES(2,X'7B22626F6F745F6964223A2234363635393635342D623331662D346363362D393965322D626335363531376534643932222C22626F6F7474696D655F6E73223A38353835353134343537362C2277616C6C5F6E73223A313739353839373937323538383631303439332C2273757370656E6465645F7365636F6E6473223A2D302E30303030333538333939393939393533343632362C226C6F67223A7B226D61726B73223A7B226A6F75726E616C223A7B22626F6F745F6964223A223436363539363534623331663463633639396532626335363531376534643932222C226D6F6E6F746F6E69635F7573223A38353639303738327D2C222F7661722F6C6F672F7379736C6F67223A7B7D2C222F7661722F6C6F672F6D65737361676573223A7B7D2C222F7661722F6C6F672F6D61696C2E6C6F67223A7B7D2C222F7661722F6C6F672F6D61696C6C6F67223A7B7D2C222F7661722F6C6F672F6461656D6F6E2E6C6F67223A7B7D2C222F7661722F6C6F672F6E74702E6C6F67223A7B7D2C222F7661722F6C6F672F6E7470642E6C6F67223A7B7D2C222F7661722F6C6F672F6E74707365632F6E7470642E6C6F67223A7B7D2C222F7661722F6C6F672F6368726F6E792F6368726F6E79642E6C6F67223A7B7D2C222F7661722F6C6F672F766D776172652D766D7376632D726F6F742E6C6F67223A7B7D2C222F7661722F6C6F672F766D776172652D766D7376632E6C6F67223A7B7D7D7D2C226F776564223A6E756C6C7D',1,89006310912,1795897975739781309);
INSERT INTO "memories" VALUES(3,X'7B22626F6F745F6964223A2234363635393635342D623331662D346363362D393965322D626335363531376534643932222C22636F75727365223A6E756C6C2C2270617469656E63655F656E64735F626F6F7474696D655F6E73223A6E756C6C2C2261736B6564223A6E756C6C2C227265667573616C73223A5B5D2C226E6F746564223A5B5D7D',1,89006310912,1795897975739781309);
INSERT INTO "memories" VALUES(12,X'7B226661696C75726573223A7B7D2C22726561736F6E73223A7B7D2C2270696E67223A22227D',1,339891296512,1795898226600131517);
CREATE TABLE metrics (
	resolution_seconds INTEGER NOT NULL, 
	boot INTEGER NOT NULL, 
	bucket INTEGER NOT NULL, 
	series_id INTEGER NOT NULL, 
	wall_seconds INTEGER NOT NULL, 
	count INTEGER NOT NULL, 
	minimum DOUBLE NOT NULL, 
	maximum DOUBLE NOT NULL, 
	total DOUBLE NOT NULL, 
	last DOUBLE NOT NULL, 
	PRIMARY KEY (resolution_seconds, boot, bucket, series_id), 
	FOREIGN KEY(boot) REFERENCES boots (ordinal)
)
 WITHOUT ROWID

;
INSERT INTO "metrics" VALUES(60,1,1,1,1795897953,2,2.0,2.0,4.0,2.0);
INSERT INTO "metrics" VALUES(60,1,1,2,1795897953,2,1.0,2.0,3.0,1.0);
INSERT INTO "metrics" VALUES(60,1,1,3,1795897953,2,0.0,1.0,1.0,1.0);
INSERT INTO "metrics" VALUES(60,1,1,4,1795897953,2,0.0,0.0,0.0,0.0);
INSERT INTO "metrics" VALUES(60,1,1,5,1795897953,2,0.0,0.0,0.0,0.0);
INSERT INTO "metrics" VALUES(60,1,1,6,1795897953,2,16.0,16.0,32.0,16.0);
INSERT INTO "metrics" VALUES(60,1,1,7,1795897975,1,0.0,0.0,0.0,0.0);
INSERT INTO "metrics" VALUES(60,1,1,8,1795897975,1,0.0,0.0,0.0,0.0);
INSERT INTO "metrics" VALUES(60,1,3,1,1795901681,1,2.0,2.0,2.0,2.0);
INSERT INTO "metrics" VALUES(60,1,3,2,1795901681,1,1.0,1.0,1.0,1.0);
INSERT INTO "metrics" VALUES(60,1,3,3,1795901681,1,1.0,1.0,1.0,1.0);
INSERT INTO "metrics" VALUES(60,1,3,4,1795901681,1,0.0,0.0,0.0,0.0);
INSERT INTO "metrics" VALUES(60,1,4,1,1795898150,1,2.0,2.0,2.0,2.0);
INSERT INTO "metrics" VALUES(60,1,4,2,1795898150,1,1.0,1.0,1.0,1.0);
INSERT INTO "metrics" VALUES(60,1,4,3,1795898150,1,1.0,1.0,1.0,1.0);
INSERT INTO "metrics" VALUES(60,1,4,4,1795898150,1,0.0,0.0,0.0,0.0);
INSERT INTO "metrics" VALUES(60,1,5,1,1795898226,1,2.0,2.0,2.0,2.0);
INSERT INTO "metrics" VALUES(60,1,5,2,1795898226,1,2.0,2.0,2.0,2.0);
INSERT INTO "metrics" VALUES(60,1,5,3,1795898226,1,1.0,1.0,1.0,1.0);
INSERT INTO "metrics" VALUES(60,1,5,4,1795898226,1,0.0,0.0,0.0,0.0);
INSERT INTO "metrics" VALUES(3600,1,0,1,1795897953,5,2.0,2.0,10.0,2.0);
INSERT INTO "metrics" VALUES(3600,1,0,2,1795897953,5,1.0,2.0,7.0,2.0);
INSERT INTO "metrics" VALUES(3600,1,0,3,1795897953,5,0.0,1.0,4.0,1.0);
INSERT INTO "metrics" VALUES(3600,1,0,4,1795897953,5,0.0,0.0,0.0,0.0);
INSERT INTO "metrics" VALUES(3600,1,0,5,1795897953,2,0.0,0.0,0.0,0.0);
INSERT INTO "metrics" VALUES(3600,1,0,6,1795897953,2,16.0,16.0,32.0,16.0);
INSERT INTO "metrics" VALUES(3600,1,0,7,1795897975,1,0.0,0.0,0.0,0.0);
INSERT INTO "metrics" VALUES(3600,1,0,8,1795897975,1,0.0,0.0,0.0,0.0);
CREATE TABLE notes (
	id INTEGER NOT NULL, 
	check_id INTEGER NOT NULL, 
	subject TEXT NOT NULL, 
	summary TEXT NOT NULL, 
	evidence TEXT NOT NULL, 
	at_boot INTEGER NOT NULL, 
	at_boottime_ns INTEGER NOT NULL, 
	at_wall_ns INTEGER NOT NULL, fault TEXT DEFAULT '' NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(at_boot) REFERENCES boots (ordinal), 
	FOREIGN KEY(check_id) REFERENCES checks (id)
);
INSERT INTO "notes" VALUES(1,2,'clock','first reading of the clocks: steps show from the next run on','{}',1,67259226496,1795897953992692669,'');
CREATE TABLE outbox (
	id INTEGER NOT NULL, 
	"key" TEXT NOT NULL, 
	target TEXT NOT NULL, 
	title TEXT NOT NULL, 
	body TEXT NOT NULL, 
	severity TEXT NOT NULL, 
	recovery BOOLEAN NOT NULL, 
	incident_id INTEGER, 
	content TEXT DEFAULT '' NOT NULL, 
	bundle TEXT DEFAULT '' NOT NULL, 
	merged_into INTEGER, 
	state TEXT NOT NULL, 
	attempts INTEGER NOT NULL, 
	next_boot INTEGER, 
	next_boottime_ns INTEGER, 
	last_error TEXT NOT NULL, 
	created_boot INTEGER NOT NULL, 
	created_boottime_ns INTEGER NOT NULL, 
	created_wall_ns INTEGER NOT NULL, 
	sent_boot INTEGER, 
	sent_boottime_ns INTEGER, 
	sent_wall_ns INTEGER, 
	PRIMARY KEY (id), 
	FOREIGN KEY(incident_id) REFERENCES incidents (id) ON DELETE CASCADE, 
	FOREIGN KEY(next_boot) REFERENCES boots (ordinal), 
	UNIQUE ("key"), 
	FOREIGN KEY(created_boot) REFERENCES boots (ordinal), 
	FOREIGN KEY(sent_boot) REFERENCES boots (ordinal)
);
INSERT INTO "outbox" VALUES(1,'lab/1/fired/ops/46659654-b31f-4cc6-99e2-bc56517e4d92+89006310912','ops','[warning] lab: bond.member_down bond0/eth0','eth0 in bond0 is down (administratively down, link lost once since it joined); traffic runs on eth1 alone; raise it: ip link set dev eth0 up
bond: bond0
member: eth0
mode: active-backup
mii status: down
miimon: 100 ms
updelay: 0 ms
link failure: 1
permanent mac: e6:d4:b2:d9:2f:aa
since: 2026-11-28 20:32:55 UTC
so what: The bond still works and nobody notices, but the redundancy it was built for is less or gone: the next cable that is pulled can be an outage.
what to do: No link: check the cable, the switch port and the driver (ethtool MEMBER, dmesg). Administratively down: ip link set dev MEMBER up; `watchdog heal` offers to do it.
could heal it: set eth0 administratively up, so that bond0 can use it again; approve it with `watchdog heal 1 --apply`
more: `watchdog explain bond.member_down`, `watchdog incidents`, `watchdog ack 1`','warning',0,1,'{"kind":"fired","host":"lab","severity":"warning","incident":1,"fault":"bond.member_down","title":"a bond member is down","subject":"bond0/eth0","summary":"eth0 in bond0 is down (administratively down, link lost once since it joined); traffic runs on eth1 alone; raise it: ip link set dev eth0 up","facts":[{"name":"bond","value":"bond0"},{"name":"member","value":"eth0"},{"name":"mode","value":"active-backup"},{"name":"mii status","value":"down"},{"name":"miimon","value":"100 ms"},{"name":"updelay","value":"0 ms"},{"name":"link failure","value":"1"},{"name":"permanent mac","value":"e6:d4:b2:d9:2f:aa"}],"since":"2026-11-28 20:32:55 UTC","why":"The bond still works and nobody notices, but the redundancy it was built for is less or gone: the next cable that is pulled can be an outage.","advice":"No link: check the cable, the switch port and the driver (ethtool MEMBER, dmesg). Administratively down: ip link set dev MEMBER up; `watchdog heal` offers to do it.","proposals":[{"remediation":"bond_raise_member","summary":"set eth0 administratively up, so that bond0 can use it again","command":"watchdog heal 1 --apply"}],"more":["watchdog explain bond.member_down","watchdog incidents","watchdog ack 1"],"reference":"26acf16b","thread":"lab/1/46659654-b31f-4cc6-99e2-bc56517e4d92+89006310912"}','',NULL,'sent',2,NULL,NULL,'ops could not be reached: it refused the connection',1,89006310912,1795897975739781309,1,216103167872,1795901702822393021);
INSERT INTO "outbox" VALUES(2,'lab/1/recovered/ops/46659654-b31f-4cc6-99e2-bc56517e4d92+89006310912','ops','[recovered] lab: bond.member_down bond0/eth0','over: healed by bond_raise_member (try 2): the check no longer finds the fault
open for 4 min 11 s, since 2026-11-28 20:32:55 UTC
it was: eth0 in bond0 is down (administratively down, link lost once since it joined); traffic runs on eth1 alone; raise it: ip link set dev eth0 up
more: `watchdog incidents --all`','warning',1,1,'{"kind":"recovered","host":"lab","severity":"warning","incident":1,"fault":"bond.member_down","title":"a bond member is down","subject":"bond0/eth0","summary":"eth0 in bond0 is down (administratively down, link lost once since it joined); traffic runs on eth1 alone; raise it: ip link set dev eth0 up","since":"2026-11-28 20:32:55 UTC","lasted":"4 min 11 s","reason":"no longer found","healed":"healed by bond_raise_member (try 2): the check no longer finds the fault","more":["watchdog incidents --all"],"reference":"597c59fa","thread":"lab/1/46659654-b31f-4cc6-99e2-bc56517e4d92+89006310912"}','',NULL,'sent',1,NULL,NULL,'',1,339891296512,1795898226600131517,1,359701801216,1795898246410636989);
CREATE TABLE series (
	id INTEGER NOT NULL, 
	check_id INTEGER NOT NULL, 
	subject TEXT NOT NULL, 
	name TEXT NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(check_id) REFERENCES checks (id), 
	UNIQUE (check_id, subject, name)
);
INSERT INTO "series" VALUES(1,1,'bond0','members_known');
INSERT INTO "series" VALUES(2,1,'bond0','members_up');
INSERT INTO "series" VALUES(3,1,'bond0/eth0','link_failures');
INSERT INTO "series" VALUES(4,1,'bond0/eth1','link_failures');
INSERT INTO "series" VALUES(5,3,'clock','frequency_ppm');
INSERT INTO "series" VALUES(6,3,'clock','maxerror_seconds');
INSERT INTO "series" VALUES(7,2,'clock','step_seconds');
INSERT INTO "series" VALUES(8,2,'clock','steps');
CREATE TABLE spans (
	id INTEGER NOT NULL, 
	check_id INTEGER NOT NULL, 
	verdict TEXT NOT NULL, 
	reason TEXT NOT NULL, 
	boot INTEGER NOT NULL, 
	first_boottime_ns INTEGER NOT NULL, 
	first_wall_ns INTEGER NOT NULL, 
	last_boottime_ns INTEGER NOT NULL, 
	last_wall_ns INTEGER NOT NULL, 
	count INTEGER NOT NULL, 
	longest_gap_ns INTEGER NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(boot) REFERENCES boots (ordinal), 
	FOREIGN KEY(check_id) REFERENCES checks (id)
);
INSERT INTO "spans" VALUES(1,1,'ok','',1,67259226496,1795897953992692669,67259226496,1795897953992692669,1,0);
INSERT INTO "spans" VALUES(2,2,'ok','',1,67259226496,1795897953992692669,89006310912,1795897975739781309,2,21747084416);
INSERT INTO "spans" VALUES(3,3,'unknown','clock: no NTP servers are known, so the offset is not: [checks.clock_sync] servers is empty, and no NTP daemon runs here; set servers = ["time.example"]',1,67259226496,1795897953992692669,89006310912,1795897975739781309,2,21747084416);
INSERT INTO "spans" VALUES(4,4,'not_applicable','no virtual address on lo or a dummy of this host, and no pool by direct routing',1,67259226496,1795897953992692669,89006310912,1795897975739781309,2,21747084416);
INSERT INTO "spans" VALUES(5,5,'not_applicable','no IPVS on this host',1,67259226496,1795897953992692669,89006310912,1795897975739781309,2,21747084416);
INSERT INTO "spans" VALUES(6,6,'not_applicable','no default route, so no gateway to answer through',1,67259226496,1795897953992692669,89006310912,1795897975739781309,2,21747084416);
INSERT INTO "spans" VALUES(7,7,'not_applicable','no NTP daemon runs here (looked for chronyd, ntpd of four kinds, systemd-timesyncd)',1,67259226496,1795897953992692669,89006310912,1795897975739781309,2,21747084416);
INSERT INTO "spans" VALUES(8,8,'not_applicable','no proxy listens here, no IPVS pool is on a proxy''s port, [[checks.proxy_port.targets]] names none',1,67259226496,1795897953992692669,89006310912,1795897975739781309,2,21747084416);
INSERT INTO "spans" VALUES(9,9,'not_applicable','Dovecot is not installed, and [[checks.service.units]] names nothing else',1,67259226496,1795897953992692669,89006310912,1795897975739781309,2,21747084416);
INSERT INTO "spans" VALUES(10,10,'not_applicable','not a VMware guest (systemd-detect-virt says uml), and no other agent that sets the clock runs',1,67259226496,1795897953992692669,89006310912,1795897975739781309,2,21747084416);
INSERT INTO "spans" VALUES(11,11,'not_applicable','no keepalived runs here, and [checks.vrrp] names no interface to listen on',1,67259226496,1795897953992692669,89006310912,1795897975739781309,2,21747084416);
INSERT INTO "spans" VALUES(12,12,'ok','',1,67259226496,1795897953992692669,339891296512,1795898226600131517,5,105989829376);
INSERT INTO "spans" VALUES(13,1,'warning','',1,89006310912,1795897975739781309,263669439488,1795898150378274749,3,105989829376);
INSERT INTO "spans" VALUES(14,1,'ok','',1,339891296512,1795898226600131517,339891296512,1795898226600131517,1,0);
CREATE TABLE targets (
	name TEXT NOT NULL, 
	failures INTEGER NOT NULL, 
	refused BOOLEAN NOT NULL, 
	next_boot INTEGER, 
	next_boottime_ns INTEGER, 
	last_error TEXT NOT NULL, 
	failing_boot INTEGER, 
	failing_boottime_ns INTEGER, 
	failing_wall_ns INTEGER, 
	sent_boot INTEGER, 
	sent_boottime_ns INTEGER, 
	sent_wall_ns INTEGER, 
	PRIMARY KEY (name), 
	FOREIGN KEY(next_boot) REFERENCES boots (ordinal), 
	FOREIGN KEY(failing_boot) REFERENCES boots (ordinal), 
	FOREIGN KEY(sent_boot) REFERENCES boots (ordinal)
);
INSERT INTO "targets" VALUES('ops',0,0,NULL,NULL,'',NULL,NULL,NULL,1,359701801216,1795898246410636989);
CREATE TABLE tracks (
	fault TEXT NOT NULL, 
	subject TEXT NOT NULL, 
	recent TEXT NOT NULL, 
	flapping BOOLEAN NOT NULL, 
	PRIMARY KEY (fault, subject)
)
 WITHOUT ROWID

;
INSERT INTO "tracks" VALUES('bond.member_down','bond0/eth0','01110',0);
CREATE TABLE transitions (
	id INTEGER NOT NULL, 
	incident_id INTEGER NOT NULL, 
	at_boot INTEGER NOT NULL, 
	at_boottime_ns INTEGER NOT NULL, 
	at_wall_ns INTEGER NOT NULL, 
	"before" TEXT, 
	"after" TEXT NOT NULL, 
	reason TEXT NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(at_boot) REFERENCES boots (ordinal), 
	FOREIGN KEY(incident_id) REFERENCES incidents (id) ON DELETE CASCADE
);
INSERT INTO "transitions" VALUES(1,1,1,89006310912,1795897975739781309,NULL,'firing','found');
INSERT INTO "transitions" VALUES(2,1,1,339891296512,1795898226600131517,'firing','resolved','no longer found');
CREATE TABLE upkeep (
	id INTEGER NOT NULL, 
	next_incident_id INTEGER NOT NULL, 
	checked_boot INTEGER, 
	checked_boottime_ns INTEGER, 
	checked_wall_ns INTEGER, 
	pruned_boot INTEGER, 
	pruned_boottime_ns INTEGER, 
	pruned_wall_ns INTEGER, audit_count INTEGER, audit_hash TEXT, 
	PRIMARY KEY (id), 
	FOREIGN KEY(checked_boot) REFERENCES boots (ordinal), 
	FOREIGN KEY(pruned_boot) REFERENCES boots (ordinal)
);
INSERT INTO "upkeep" VALUES(1,2,1,59133136896,1795897945866602941,1,67259226496,1795897953992692669,7,'24afc6fce73c413ff3310127b1489c898734a548761ba9b644503c57ba23a036');
CREATE UNIQUE INDEX one_open_incident ON incidents (fault, subject) WHERE state <> 'resolved';
CREATE INDEX ix_spans_check_id ON spans (check_id);
CREATE INDEX ix_attempts_incident_id ON attempts (incident_id);
CREATE INDEX ix_transitions_incident_id ON transitions (incident_id);
CREATE INDEX ix_audit_attempt_id ON audit (attempt_id);
CREATE TRIGGER audit_keeps_rows BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'the audit is never shortened'); END;
CREATE TRIGGER audit_keeps_words BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the audit is never changed'); END;
CREATE TRIGGER audit_keeps_places BEFORE INSERT ON audit WHEN EXISTS (SELECT 1 FROM audit WHERE seq = NEW.seq) BEGIN SELECT RAISE(ABORT, 'the audit is never overwritten'); END;
CREATE INDEX ix_outbox_incident_id ON outbox (incident_id);
CREATE INDEX outbox_pending ON outbox (id) WHERE state = 'pending';
CREATE INDEX outbox_created ON outbox (created_boot, created_boottime_ns);
CREATE INDEX attempts_outcome ON attempts (outcome);
CREATE INDEX ix_acks_incident_id ON acks (incident_id);
COMMIT;
