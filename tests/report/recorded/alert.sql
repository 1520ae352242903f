-- now: 39f6b389-9eae-4ca1-9489-44f613840151 71051919616 1795963361341956863
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
INSERT INTO "alembic_version" VALUES('0004');
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
INSERT INTO "attempts" VALUES(1,1,'bond_raise_member','propose','closed','approved, as try 2','{"summary":"set eth0 administratively up, so that bond0 can use it again","steps":[{"step":"LinkChange","link":"eth0","up":true}],"settle_seconds":15.2,"lasting":false,"note":"to make it last over a restart, let the network configuration bring eth0 up: `auto eth0` in /etc/network/interfaces (ifupdown), no `ActivationPolicy=down` in its .link or .network file (systemd-networkd), `nmcli connection modify PROFILE connection.autoconnect yes` (NetworkManager), no `activation-mode: off` for it (netplan).","healthy_left":null,"accepts":[],"undone_after_seconds":null}',1,9106771456,1795963299399001087,1,51553238144,1795963341843249407,'');
INSERT INTO "attempts" VALUES(2,1,'bond_raise_member','propose','healed','the check no longer finds the fault','{"summary":"set eth0 administratively up, so that bond0 can use it again","steps":[{"step":"LinkChange","link":"eth0","up":true}],"settle_seconds":15.2,"lasting":false,"note":"to make it last over a restart, let the network configuration bring eth0 up: `auto eth0` in /etc/network/interfaces (ifupdown), no `ActivationPolicy=down` in its .link or .network file (systemd-networkd), `nmcli connection modify PROFILE connection.autoconnect yes` (NetworkManager), no `activation-mode: off` for it (netplan).","healthy_left":null,"accepts":[],"undone_after_seconds":null}',1,51538420096,1795963341828431359,1,67694745856,1795963357984757247,'root (uid 0), by watchdog heal 1 --apply');
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
INSERT INTO "audit" VALUES(1,'proposed',1,1,'{"remediation":"bond_raise_member","mode":"propose","outcome":"proposed","reason":"","permission":"","plan":{"summary":"set eth0 administratively up, so that bond0 can use it again","steps":[{"step":"LinkChange","link":"eth0","up":true}],"settle_seconds":15.2,"lasting":false,"note":"to make it last over a restart, let the network configuration bring eth0 up: `auto eth0` in /etc/network/interfaces (ifupdown), no `ActivationPolicy=down` in its .link or .network file (systemd-networkd), `nmcli connection modify PROFILE connection.autoconnect yes` (NetworkManager), no `activation-mode: off` for it (netplan).","healthy_left":null,"accepts":[],"undone_after_seconds":null},"ended":null}','39f6b389-9eae-4ca1-9489-44f613840151',9106771456,1795963299399001087,'9496c9abbf62236fce6b3fd533488c677dd0c6d6043694bfd69c2641a5255931');
INSERT INTO "audit" VALUES(2,'begun',2,1,'{"remediation":"bond_raise_member","mode":"propose","outcome":"running","reason":"","permission":"root (uid 0), by watchdog heal 1 --apply","plan":{"summary":"set eth0 administratively up, so that bond0 can use it again","steps":[{"step":"LinkChange","link":"eth0","up":true}],"settle_seconds":15.2,"lasting":false,"note":"to make it last over a restart, let the network configuration bring eth0 up: `auto eth0` in /etc/network/interfaces (ifupdown), no `ActivationPolicy=down` in its .link or .network file (systemd-networkd), `nmcli connection modify PROFILE connection.autoconnect yes` (NetworkManager), no `activation-mode: off` for it (netplan).","healthy_left":null,"accepts":[],"undone_after_seconds":null},"ended":null}','39f6b389-9eae-4ca1-9489-44f613840151',51538420096,1795963341828431359,'011230bf3192d55fefb1ba5cebea1a83fc8dad01891f931d9466ad9969f56b40');
INSERT INTO "audit" VALUES(3,'closed',1,1,'{"outcome":"closed","reason":"approved, as try 2","ended":["39f6b389-9eae-4ca1-9489-44f613840151",51553238144,1795963341843249407]}','39f6b389-9eae-4ca1-9489-44f613840151',51553238144,1795963341843249407,'3993d684166be888e1f97d31b2db81130f5e938a5063bb9a747ac66241820a9f');
INSERT INTO "audit" VALUES(4,'step',2,1,'{"seq":0,"step":{"step":"LinkChange","link":"eth0","up":true},"undo":{"step":"LinkChange","link":"eth0","up":false},"state":"planned","output":""}','39f6b389-9eae-4ca1-9489-44f613840151',51934083584,1795963342224095231,'60f448b31c65541d7ce2ffdd2deba2507b4e1499f5733382c2606a30a803a05d');
INSERT INTO "audit" VALUES(5,'step',2,1,'{"seq":0,"step":{"step":"LinkChange","link":"eth0","up":true},"undo":{"step":"LinkChange","link":"eth0","up":false},"state":"done","output":"eth0 is administratively up"}','39f6b389-9eae-4ca1-9489-44f613840151',51945912832,1795963342235924223,'be98ae276833cab819ec6b834a5ad18a7a01537b2791464a30072d9115ea3cd8');
INSERT INTO "audit" VALUES(6,'verified',2,1,'{"problem":""}','39f6b389-9eae-4ca1-9489-44f613840151',67691261568,1795963357981272575,'37e18a96b3812cf6dba0654c900595567a339d6e22bd882456b9f56c58062b05');
INSERT INTO "audit" VALUES(7,'ended',2,1,'{"outcome":"healed","reason":"the check no longer finds the fault","ended":["39f6b389-9eae-4ca1-9489-44f613840151",67694745856,1795963357984757247]}','39f6b389-9eae-4ca1-9489-44f613840151',67694745856,1795963357984757247,'a986c2d342b55669e6a8f1633aa84ed05a5d2023d7249922e09ba0fcb30a0acb');
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
INSERT INTO "boots" VALUES(1,'39f6b389-9eae-4ca1-9489-44f613840151','lab',6690269824,1795963296982499583,69706104320,1795963359996115967);
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
INSERT INTO "configurations" VALUES(1,'/etc/watchdog/watchdog.toml','6cee28f8d1129f117f74efb4037726b1d243f70e930444c42ef9f3396d3fce5d',1,7440815232,1795963297733044991);
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
INSERT INTO "incidents" VALUES(1,'bond.member_down','bond0/eth0','warning','resolved','eth0 in bond0 is down (administratively down, link lost once since it joined); traffic runs on eth1 alone; raise it: ip link set dev eth0 up','{"bond":"bond0","member":"eth0","mode":"active-backup","admin_up":false,"carrier":false,"mii_status":"down","monitored":true,"miimon_ms":100,"updelay_ms":0,"known":true,"members_up":["eth1"],"link_failure_count":1,"permanent_mac":"62:b3:63:bc:69:e6"}',1,9069673344,1795963299361903103,1,45542525568,1795963335832537087,1,9069673344,1795963299361903103,1,67707268480,1795963357997279743,1,'[]',0,0,'warning');
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
INSERT INTO "journal" VALUES(2,0,'{"step":"LinkChange","link":"eth0","up":true}','{"step":"LinkChange","link":"eth0","up":false}','done','eth0 is administratively up',1,51934083584,1795963342224095231,1,51945912832,1795963342235924223);
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
INSERT INTO "memories" VALUES(1,X'7B22626F6F745F6964223A2233396636623338392D396561652D346361312D393438392D343466363133383430313531222C22626F6E6473223A5B7B226E616D65223A22626F6E6430222C226D656D62657273223A5B7B226E616D65223A2265746830222C227365656E223A747275652C227065726D616E656E745F6D6163223A2236323A62333A36333A62633A36393A6536222C226C696E6B5F6661696C7572655F636F756E74223A312C22646F776E223A66616C73652C226C6F73735F6F776564223A66616C73657D2C7B226E616D65223A2265746831222C227365656E223A747275652C227065726D616E656E745F6D6163223A2230653A63363A62643A32373A37663A3433222C226C696E6B5F6661696C7572655F636F756E74223A302C22646F776E223A66616C73652C226C6F73735F6F776564223A66616C73657D5D7D5D7D',1,67707268480,1795963357997279743);
INSERT INTO "memories" VALUES(2,X'7B22626F6F745F6964223A2233396636623338392D396561652D346361312D393438392D343466363133383430313531222C22626F6F7474696D655F6E73223A383836343039363634302C2277616C6C5F6E73223A313739353936333239393135363332363134332C2273757370656E6465645F7365636F6E6473223A2D302E3030303031353130333939393939393135353334392C226C6F67223A7B226D61726B73223A7B226A6F75726E616C223A7B22626F6F745F6964223A223339663662333839396561653463613139343839343466363133383430313531222C226D6F6E6F746F6E69635F7573223A383836333138337D2C222F7661722F6C6F672F7379736C6F67223A7B7D2C222F7661722F6C6F672F6D65737361676573223A7B7D2C222F7661722F6C6F672F6D61696C2E6C6F67223A7B7D2C222F7661722F6C6F672F6D61696C6C6F67223A7B7D2C222F7661722F6C6F672F6461656D6F6E2E6C6F67223A7B7D2C222F7661722F6C6F672F6E74702E6C6F67223A7B7D2C222F7661722F6C6F672F6E7470642E6C6F67223A7B7D2C222F7661722F6C6F672F6E74707365632F6E7470642E6C6F67223A7B7D2C222F7661722F6C6F672F6368726F6E792F6368726F6E79642E6C6F67223A7B7D2C222F7661722F6C6F672F766D776172652D766D7376632D726F6F742E6C6F67223A7B7D2C222F7661722F6C6F672F766D776172652D766D7376632E6C6F67223A7B7D7D7D2C226F776564223A6E756C6C7D',1,9069673344,1795963299361903103);
INSERT INTO "memories" VALUES(3,X'7B22626F6F745F6964223A2233396636623338392D396561652D346361312D393438392D343466363133383430313531222C22636F75727365223A6E756C6C2C2270617469656E63655F656E64735F626F6F7474696D655F6E73223A6E756C6C2C2261736B6564223A6E756C6C2C227265667573616C73223A5B5D2C226E6F746564223A5B5D7D',1,9069673344,1795963299361903103);
INSERT INTO "memories" VALUES(12,X'7B226661696C75726573223A7B7D2C22726561736F6E73223A7B7D2C2270696E67223A22227D',1,67707268480,1795963357997279743);
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
INSERT INTO "metrics" VALUES(60,1,0,1,1795963297,4,2.0,2.0,8.0,2.0);
INSERT INTO "metrics" VALUES(60,1,0,2,1795963297,4,1.0,2.0,5.0,1.0);
INSERT INTO "metrics" VALUES(60,1,0,3,1795963297,4,0.0,1.0,3.0,1.0);
INSERT INTO "metrics" VALUES(60,1,0,4,1795963297,4,0.0,0.0,0.0,0.0);
INSERT INTO "metrics" VALUES(60,1,0,5,1795963297,2,0.0,0.0,0.0,0.0);
INSERT INTO "metrics" VALUES(60,1,0,6,1795963297,2,16.0,16.0,32.0,16.0);
INSERT INTO "metrics" VALUES(60,1,0,7,1795963299,1,0.0,0.0,0.0,0.0);
INSERT INTO "metrics" VALUES(60,1,0,8,1795963299,1,0.0,0.0,0.0,0.0);
INSERT INTO "metrics" VALUES(60,1,1,1,1795963357,1,2.0,2.0,2.0,2.0);
INSERT INTO "metrics" VALUES(60,1,1,2,1795963357,1,2.0,2.0,2.0,2.0);
INSERT INTO "metrics" VALUES(60,1,1,3,1795963357,1,1.0,1.0,1.0,1.0);
INSERT INTO "metrics" VALUES(60,1,1,4,1795963357,1,0.0,0.0,0.0,0.0);
INSERT INTO "metrics" VALUES(3600,1,0,1,1795963297,5,2.0,2.0,10.0,2.0);
INSERT INTO "metrics" VALUES(3600,1,0,2,1795963297,5,1.0,2.0,7.0,2.0);
INSERT INTO "metrics" VALUES(3600,1,0,3,1795963297,5,0.0,1.0,4.0,1.0);
INSERT INTO "metrics" VALUES(3600,1,0,4,1795963297,5,0.0,0.0,0.0,0.0);
INSERT INTO "metrics" VALUES(3600,1,0,5,1795963297,2,0.0,0.0,0.0,0.0);
INSERT INTO "metrics" VALUES(3600,1,0,6,1795963297,2,16.0,16.0,32.0,16.0);
INSERT INTO "metrics" VALUES(3600,1,0,7,1795963299,1,0.0,0.0,0.0,0.0);
INSERT INTO "metrics" VALUES(3600,1,0,8,1795963299,1,0.0,0.0,0.0,0.0);
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
INSERT INTO "notes" VALUES(1,2,'clock','first reading of the clocks: steps show from the next run on','{}',1,7415508608,1795963297707738367,'');
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
	sent_wall_ns INTEGER, kind TEXT DEFAULT '' NOT NULL, claimed BOOLEAN DEFAULT 0 NOT NULL, taken TEXT DEFAULT '' NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(incident_id) REFERENCES incidents (id) ON DELETE CASCADE, 
	FOREIGN KEY(next_boot) REFERENCES boots (ordinal), 
	UNIQUE ("key"), 
	FOREIGN KEY(created_boot) REFERENCES boots (ordinal), 
	FOREIGN KEY(sent_boot) REFERENCES boots (ordinal)
);
INSERT INTO "outbox" VALUES(1,'lab/1/fired/ops/39f6b389-9eae-4ca1-9489-44f613840151+9069673344','ops','[warning] lab: bond.member_down bond0/eth0','eth0 in bond0 is down (administratively down, link lost once since it joined); traffic runs on eth1 alone; raise it: ip link set dev eth0 up
mode: active-backup
since: 2026-11-29 14:41:39 UTC
so what: The bond still works and nobody notices, but the redundancy it was built for is less or gone: the next cable that is pulled can be an outage.
what to do: No link: check the cable, the switch port and the driver (ethtool MEMBER, dmesg). Administratively down: ip link set dev MEMBER up; `watchdog heal` offers to do it.
could heal it: set eth0 administratively up, so that bond0 can use it again; approve it with `watchdog heal 1 --apply`
more: `watchdog explain bond.member_down`, `watchdog incidents`, `watchdog ack 1`','warning',0,1,'{"kind":"fired","host":"lab","severity":"warning","incident":1,"fault":"bond.member_down","title":"a bond member is down","subject":"bond0/eth0","summary":"eth0 in bond0 is down (administratively down, link lost once since it joined); traffic runs on eth1 alone; raise it: ip link set dev eth0 up","facts":[{"name":"mode","value":"active-backup"}],"since":"2026-11-29 14:41:39 UTC","why":"The bond still works and nobody notices, but the redundancy it was built for is less or gone: the next cable that is pulled can be an outage.","advice":"No link: check the cable, the switch port and the driver (ethtool MEMBER, dmesg). Administratively down: ip link set dev MEMBER up; `watchdog heal` offers to do it.","proposals":[{"remediation":"bond_raise_member","summary":"set eth0 administratively up, so that bond0 can use it again","command":"watchdog heal 1 --apply"}],"more":["watchdog explain bond.member_down","watchdog incidents","watchdog ack 1"],"reference":"380adee5","thread":"lab/1/39f6b389-9eae-4ca1-9489-44f613840151+9069673344"}','',NULL,'sent',2,NULL,NULL,'ops could not be reached: it refused the connection',1,9069673344,1795963299361903103,1,47039963648,1795963337329975039,'fired',1,'');
INSERT INTO "outbox" VALUES(2,'lab/1/recovered/ops/39f6b389-9eae-4ca1-9489-44f613840151+9069673344','ops','[recovered] lab: bond.member_down bond0/eth0','over: healed by bond_raise_member (try 2): the check no longer finds the fault
open for 58.6 s, since 2026-11-29 14:41:39 UTC
it was: eth0 in bond0 is down (administratively down, link lost once since it joined); traffic runs on eth1 alone; raise it: ip link set dev eth0 up
more: `watchdog incidents --all`','warning',1,1,'{"kind":"recovered","host":"lab","severity":"warning","incident":1,"fault":"bond.member_down","title":"a bond member is down","subject":"bond0/eth0","summary":"eth0 in bond0 is down (administratively down, link lost once since it joined); traffic runs on eth1 alone; raise it: ip link set dev eth0 up","since":"2026-11-29 14:41:39 UTC","lasted":"58.6 s","reason":"no longer found","healed":"healed by bond_raise_member (try 2): the check no longer finds the fault","more":["watchdog incidents --all"],"reference":"d34cb44e","thread":"lab/1/39f6b389-9eae-4ca1-9489-44f613840151+9069673344"}','',NULL,'sent',1,NULL,NULL,'',1,67707268480,1795963357997279743,1,69706104320,1795963359996115967,'recovered',1,'');
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
INSERT INTO "spans" VALUES(1,1,'ok','',1,7415508608,1795963297707738367,7415508608,1795963297707738367,1,0);
INSERT INTO "spans" VALUES(2,2,'ok','',1,7415508608,1795963297707738367,9069673344,1795963299361903103,2,1654164736);
INSERT INTO "spans" VALUES(3,3,'unknown','clock: no NTP servers are known, so the offset is not: [checks.clock_sync] servers is empty, and no NTP daemon runs here; set servers = ["time.example"]',1,7415508608,1795963297707738367,9069673344,1795963299361903103,2,1654164736);
INSERT INTO "spans" VALUES(4,4,'not_applicable','no virtual address on lo or a dummy of this host, and no pool by direct routing',1,7415508608,1795963297707738367,9069673344,1795963299361903103,2,1654164736);
INSERT INTO "spans" VALUES(5,5,'not_applicable','no IPVS on this host',1,7415508608,1795963297707738367,9069673344,1795963299361903103,2,1654164736);
INSERT INTO "spans" VALUES(6,6,'not_applicable','no default route, so no gateway to answer through',1,7415508608,1795963297707738367,9069673344,1795963299361903103,2,1654164736);
INSERT INTO "spans" VALUES(7,7,'not_applicable','no NTP daemon runs here (looked for chronyd, ntpd of four kinds, systemd-timesyncd)',1,7415508608,1795963297707738367,9069673344,1795963299361903103,2,1654164736);
INSERT INTO "spans" VALUES(8,8,'not_applicable','no proxy listens here, no IPVS pool is on a proxy''s port, [[checks.proxy_port.targets]] names none',1,7415508608,1795963297707738367,9069673344,1795963299361903103,2,1654164736);
INSERT INTO "spans" VALUES(9,9,'not_applicable','Dovecot is not installed, and [[checks.service.units]] names nothing else',1,7415508608,1795963297707738367,9069673344,1795963299361903103,2,1654164736);
INSERT INTO "spans" VALUES(10,10,'not_applicable','not a VMware guest (systemd-detect-virt says uml), and no other agent that sets the clock runs',1,7415508608,1795963297707738367,9069673344,1795963299361903103,2,1654164736);
INSERT INTO "spans" VALUES(11,11,'not_applicable','no keepalived runs here, and [checks.vrrp] names no interface to listen on',1,7415508608,1795963297707738367,9069673344,1795963299361903103,2,1654164736);
INSERT INTO "spans" VALUES(12,12,'ok','',1,7415508608,1795963297707738367,67707268480,1795963357997279743,5,31461044224);
INSERT INTO "spans" VALUES(13,1,'warning','',1,9069673344,1795963299361903103,45542525568,1795963335832537087,3,31461044224);
INSERT INTO "spans" VALUES(14,1,'ok','',1,67707268480,1795963357997279743,67707268480,1795963357997279743,1,0);
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
INSERT INTO "targets" VALUES('ops',0,0,NULL,NULL,'',NULL,NULL,NULL,1,69706104320,1795963359996115967);
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
INSERT INTO "transitions" VALUES(1,1,1,9069673344,1795963299361903103,NULL,'firing','found');
INSERT INTO "transitions" VALUES(2,1,1,67707268480,1795963357997279743,'firing','resolved','no longer found');
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
INSERT INTO "upkeep" VALUES(1,2,1,6690269824,1795963296982499583,1,7415508608,1795963297707738367,7,'a986c2d342b55669e6a8f1633aa84ed05a5d2023d7249922e09ba0fcb30a0acb');
CREATE UNIQUE INDEX one_open_incident ON incidents (fault, subject) WHERE state <> 'resolved';
CREATE INDEX ix_spans_check_id ON spans (check_id);
CREATE INDEX ix_attempts_incident_id ON attempts (incident_id);
CREATE INDEX ix_transitions_incident_id ON transitions (incident_id);
CREATE INDEX ix_audit_attempt_id ON audit (attempt_id);
CREATE TRIGGER audit_keeps_rows BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'the audit is never shortened'); END;
CREATE TRIGGER audit_keeps_words BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the audit is never changed'); END;
CREATE TRIGGER audit_keeps_places BEFORE INSERT ON audit WHEN EXISTS (SELECT 1 FROM audit WHERE seq = NEW.seq) BEGIN SELECT RAISE(ABORT, 'the audit is never overwritten'); END;
CREATE INDEX outbox_pending ON outbox (id) WHERE state = 'pending';
CREATE INDEX outbox_created ON outbox (created_boot, created_boottime_ns);
CREATE INDEX attempts_outcome ON attempts (outcome);
CREATE INDEX ix_acks_incident_id ON acks (incident_id);
CREATE INDEX outbox_told ON outbox (incident_id, kind, target);
COMMIT;
