-- now: 9c0ab4a2-1d41-4011-ba93-2ce9210c261c 47515227904 1795963319915532637
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
INSERT INTO "attempts" VALUES(1,1,'bond_raise_member','propose','closed','approved, as try 2','{"summary":"set eth0 administratively up, so that bond0 can use it again","steps":[{"step":"LinkChange","link":"eth0","up":true}],"settle_seconds":15.2,"lasting":false,"note":"to make it last over a restart, let the network configuration bring eth0 up: `auto eth0` in /etc/network/interfaces (ifupdown), no `ActivationPolicy=down` in its .link or .network file (systemd-networkd), `nmcli connection modify PROFILE connection.autoconnect yes` (NetworkManager), no `activation-mode: off` for it (netplan).","healthy_left":null,"accepts":[],"undone_after_seconds":null}',1,6574199168,1795963278974485341,1,9888750336,1795963282289036381,'');
INSERT INTO "attempts" VALUES(2,1,'bond_raise_member','propose','healed','the check no longer finds the fault','{"summary":"set eth0 administratively up, so that bond0 can use it again","steps":[{"step":"LinkChange","link":"eth0","up":true}],"settle_seconds":15.2,"lasting":false,"note":"to make it last over a restart, let the network configuration bring eth0 up: `auto eth0` in /etc/network/interfaces (ifupdown), no `ActivationPolicy=down` in its .link or .network file (systemd-networkd), `nmcli connection modify PROFILE connection.autoconnect yes` (NetworkManager), no `activation-mode: off` for it (netplan).","healthy_left":null,"accepts":[],"undone_after_seconds":null}',1,9874356480,1795963282274642525,1,25624941312,1795963298025227357,'root (uid 0), by watchdog heal 1 --apply');
INSERT INTO "attempts" VALUES(3,2,'bond_raise_member','propose','closed','approved, as try 4','{"summary":"set eth0 administratively up, so that bond0 can use it again","steps":[{"step":"LinkChange","link":"eth0","up":true}],"settle_seconds":15.2,"lasting":false,"note":"to make it last over a restart, let the network configuration bring eth0 up: `auto eth0` in /etc/network/interfaces (ifupdown), no `ActivationPolicy=down` in its .link or .network file (systemd-networkd), `nmcli connection modify PROFILE connection.autoconnect yes` (NetworkManager), no `activation-mode: off` for it (netplan).","healthy_left":null,"accepts":[],"undone_after_seconds":null}',1,29310812160,1795963301711098205,1,31029217408,1795963303429503581,'');
INSERT INTO "attempts" VALUES(4,2,'bond_raise_member','propose','no_effect','the fault is still there: eth0 in bond0 is down (MII down, link lost 2 times since it joined); traffic runs on eth1 alone; check cable, switch port and driver: ethtool eth0; what was done is undone','{"summary":"set eth0 administratively up, so that bond0 can use it again","steps":[{"step":"LinkChange","link":"eth0","up":true}],"settle_seconds":15.2,"lasting":false,"note":"to make it last over a restart, let the network configuration bring eth0 up: `auto eth0` in /etc/network/interfaces (ifupdown), no `ActivationPolicy=down` in its .link or .network file (systemd-networkd), `nmcli connection modify PROFILE connection.autoconnect yes` (NetworkManager), no `activation-mode: off` for it (netplan).","healthy_left":null,"accepts":[],"undone_after_seconds":null}',1,31014796672,1795963303415082845,1,46542426752,1795963318942712925,'root (uid 0), by watchdog heal 2 --apply');
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
INSERT INTO "audit" VALUES(1,'proposed',1,1,'{"remediation":"bond_raise_member","mode":"propose","outcome":"proposed","reason":"","permission":"","plan":{"summary":"set eth0 administratively up, so that bond0 can use it again","steps":[{"step":"LinkChange","link":"eth0","up":true}],"settle_seconds":15.2,"lasting":false,"note":"to make it last over a restart, let the network configuration bring eth0 up: `auto eth0` in /etc/network/interfaces (ifupdown), no `ActivationPolicy=down` in its .link or .network file (systemd-networkd), `nmcli connection modify PROFILE connection.autoconnect yes` (NetworkManager), no `activation-mode: off` for it (netplan).","healthy_left":null,"accepts":[],"undone_after_seconds":null},"ended":null}','9c0ab4a2-1d41-4011-ba93-2ce9210c261c',6574199168,1795963278974485341,'02f42e950a1cbad7c32657ca97669922d4bd23f6b478fcc6a03c3023669c87fb');
INSERT INTO "audit" VALUES(2,'begun',2,1,'{"remediation":"bond_raise_member","mode":"propose","outcome":"running","reason":"","permission":"root (uid 0), by watchdog heal 1 --apply","plan":{"summary":"set eth0 administratively up, so that bond0 can use it again","steps":[{"step":"LinkChange","link":"eth0","up":true}],"settle_seconds":15.2,"lasting":false,"note":"to make it last over a restart, let the network configuration bring eth0 up: `auto eth0` in /etc/network/interfaces (ifupdown), no `ActivationPolicy=down` in its .link or .network file (systemd-networkd), `nmcli connection modify PROFILE connection.autoconnect yes` (NetworkManager), no `activation-mode: off` for it (netplan).","healthy_left":null,"accepts":[],"undone_after_seconds":null},"ended":null}','9c0ab4a2-1d41-4011-ba93-2ce9210c261c',9874356480,1795963282274642525,'7e0b44ca23678b2920d93de59ed2c46c0a5ac146c2d8331b03313582b8c025ff');
INSERT INTO "audit" VALUES(3,'closed',1,1,'{"outcome":"closed","reason":"approved, as try 2","ended":["9c0ab4a2-1d41-4011-ba93-2ce9210c261c",9888750336,1795963282289036381]}','9c0ab4a2-1d41-4011-ba93-2ce9210c261c',9888750336,1795963282289036381,'07d7bc362c98dbdc292e9fdcd80865bd610c9dcbcb266d18f0c6d0cc817ffbe7');
INSERT INTO "audit" VALUES(4,'step',2,1,'{"seq":0,"step":{"step":"LinkChange","link":"eth0","up":true},"undo":{"step":"LinkChange","link":"eth0","up":false},"state":"planned","output":""}','9c0ab4a2-1d41-4011-ba93-2ce9210c261c',10246834816,1795963282647120989,'5b44dc4f75936b1a3dcf069815a170d92979bcd43cb098178ea8c34a07245d0f');
INSERT INTO "audit" VALUES(5,'step',2,1,'{"seq":0,"step":{"step":"LinkChange","link":"eth0","up":true},"undo":{"step":"LinkChange","link":"eth0","up":false},"state":"done","output":"eth0 is administratively up"}','9c0ab4a2-1d41-4011-ba93-2ce9210c261c',10256378368,1795963282656664413,'5db43b19fb11ea4d31f15c77330277451afa41c72fb93a0347a1087780e98050');
INSERT INTO "audit" VALUES(6,'verified',2,1,'{"problem":""}','9c0ab4a2-1d41-4011-ba93-2ce9210c261c',25622695040,1795963298022981213,'55186537215d357dcad782da33b139fbfaa1bae5e019af43dbde9a17f38394a0');
INSERT INTO "audit" VALUES(7,'ended',2,1,'{"outcome":"healed","reason":"the check no longer finds the fault","ended":["9c0ab4a2-1d41-4011-ba93-2ce9210c261c",25624941312,1795963298025227357]}','9c0ab4a2-1d41-4011-ba93-2ce9210c261c',25624941312,1795963298025227357,'f3c2188e543714499e7e04eae80c5c2de146c3a9f6017474211391e0e7f56e8f');
INSERT INTO "audit" VALUES(8,'proposed',3,2,'{"remediation":"bond_raise_member","mode":"propose","outcome":"proposed","reason":"","permission":"","plan":{"summary":"set eth0 administratively up, so that bond0 can use it again","steps":[{"step":"LinkChange","link":"eth0","up":true}],"settle_seconds":15.2,"lasting":false,"note":"to make it last over a restart, let the network configuration bring eth0 up: `auto eth0` in /etc/network/interfaces (ifupdown), no `ActivationPolicy=down` in its .link or .network file (systemd-networkd), `nmcli connection modify PROFILE connection.autoconnect yes` (NetworkManager), no `activation-mode: off` for it (netplan).","healthy_left":null,"accepts":[],"undone_after_seconds":null},"ended":null}','9c0ab4a2-1d41-4011-ba93-2ce9210c261c',29310812160,1795963301711098205,'ff40dd01a344d15c64bbbe4e553eeb0059051e0f6a8253aefedd64384c5dafcd');
INSERT INTO "audit" VALUES(9,'begun',4,2,'{"remediation":"bond_raise_member","mode":"propose","outcome":"running","reason":"","permission":"root (uid 0), by watchdog heal 2 --apply","plan":{"summary":"set eth0 administratively up, so that bond0 can use it again","steps":[{"step":"LinkChange","link":"eth0","up":true}],"settle_seconds":15.2,"lasting":false,"note":"to make it last over a restart, let the network configuration bring eth0 up: `auto eth0` in /etc/network/interfaces (ifupdown), no `ActivationPolicy=down` in its .link or .network file (systemd-networkd), `nmcli connection modify PROFILE connection.autoconnect yes` (NetworkManager), no `activation-mode: off` for it (netplan).","healthy_left":null,"accepts":[],"undone_after_seconds":null},"ended":null}','9c0ab4a2-1d41-4011-ba93-2ce9210c261c',31014796672,1795963303415082845,'4afa51ba076746e1818af87c4d1d3b175158b4d9f27a11d59e357900d03477c1');
INSERT INTO "audit" VALUES(10,'closed',3,2,'{"outcome":"closed","reason":"approved, as try 4","ended":["9c0ab4a2-1d41-4011-ba93-2ce9210c261c",31029217408,1795963303429503581]}','9c0ab4a2-1d41-4011-ba93-2ce9210c261c',31029217408,1795963303429503581,'66105dc2945061eb11ba899eb1e3801c12f82283a798fd891284c23f8d92c3ce');
INSERT INTO "audit" VALUES(11,'step',4,2,'{"seq":0,"step":{"step":"LinkChange","link":"eth0","up":true},"undo":{"step":"LinkChange","link":"eth0","up":false},"state":"planned","output":""}','9c0ab4a2-1d41-4011-ba93-2ce9210c261c',31317728896,1795963303718014813,'55622e92126864bd1ee336fa51e2ec06dd98e82f8bf7291d68e033e332462f88');
INSERT INTO "audit" VALUES(12,'step',4,2,'{"seq":0,"step":{"step":"LinkChange","link":"eth0","up":true},"undo":{"step":"LinkChange","link":"eth0","up":false},"state":"done","output":"eth0 is administratively up"}','9c0ab4a2-1d41-4011-ba93-2ce9210c261c',31326079616,1795963303726365533,'2b6861373758dd9d29f22f9e7a1e019915ed2954308e5805cd780d6138b59fa1');
INSERT INTO "audit" VALUES(13,'verified',4,2,'{"problem":"the fault is still there: eth0 in bond0 is down (MII down, link lost 2 times since it joined); traffic runs on eth1 alone; check cable, switch port and driver: ethtool eth0"}','9c0ab4a2-1d41-4011-ba93-2ce9210c261c',46534600960,1795963318934887005,'92b193ee1505dacdbd5bc9ec8d51b1f769cfa31832f848addc6721a1de63f9f1');
INSERT INTO "audit" VALUES(14,'step',4,2,'{"seq":0,"step":{"step":"LinkChange","link":"eth0","up":true},"undo":{"step":"LinkChange","link":"eth0","up":false},"state":"undone","output":"eth0 is administratively down"}','9c0ab4a2-1d41-4011-ba93-2ce9210c261c',46540264704,1795963318940550749,'bbb7ed71822f02f0b5fd6426207811ac4201ab790a5c9d3b52ba6b69fddb523b');
INSERT INTO "audit" VALUES(15,'ended',4,2,'{"outcome":"no_effect","reason":"the fault is still there: eth0 in bond0 is down (MII down, link lost 2 times since it joined); traffic runs on eth1 alone; check cable, switch port and driver: ethtool eth0; what was done is undone","ended":["9c0ab4a2-1d41-4011-ba93-2ce9210c261c",46542426752,1795963318942712925]}','9c0ab4a2-1d41-4011-ba93-2ce9210c261c',46542426752,1795963318942712925,'aa6f8e51773b580e3a398ae5c3d44cc1348cb489e30975210c362ab065598e4b');
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
INSERT INTO "boots" VALUES(1,'9c0ab4a2-1d41-4011-ba93-2ce9210c261c','lab',4127743616,1795963276528029533,46542426752,1795963318942712925);
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
INSERT INTO "configurations" VALUES(1,'','e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',1,4923224704,1795963277323510877);
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
INSERT INTO "incidents" VALUES(1,'bond.member_down','bond0/eth0','warning','resolved','eth0 in bond0 is down (administratively down, link lost once since it joined); traffic runs on eth1 alone; raise it: ip link set dev eth0 up','{"bond":"bond0","member":"eth0","mode":"active-backup","admin_up":false,"carrier":false,"mii_status":"down","monitored":true,"miimon_ms":100,"updelay_ms":0,"known":true,"members_up":["eth1"],"link_failure_count":1,"permanent_mac":"5a:0d:b1:01:cb:80"}',1,6539835776,1795963278940121693,1,6539835776,1795963278940121693,1,6539835776,1795963278940121693,1,25634294656,1795963298034580829,1,'[]',0,0,'warning');
INSERT INTO "incidents" VALUES(2,'bond.member_down','bond0/eth0','warning','firing','eth0 in bond0 is down (administratively down, link lost 2 times since it joined); traffic runs on eth1 alone; raise it: ip link set dev eth0 up','{"bond":"bond0","member":"eth0","mode":"active-backup","admin_up":false,"carrier":false,"mii_status":"down","monitored":true,"miimon_ms":100,"updelay_ms":0,"known":true,"members_up":["eth1"],"link_failure_count":2,"permanent_mac":"5a:0d:b1:01:cb:80"}',1,29273057280,1795963301673343325,1,29273057280,1795963301673343325,1,29273057280,1795963301673343325,NULL,NULL,NULL,1,'[]',0,0,'warning');
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
INSERT INTO "journal" VALUES(2,0,'{"step":"LinkChange","link":"eth0","up":true}','{"step":"LinkChange","link":"eth0","up":false}','done','eth0 is administratively up',1,10246834816,1795963282647120989,1,10256378368,1795963282656664413);
INSERT INTO "journal" VALUES(4,0,'{"step":"LinkChange","link":"eth0","up":true}','{"step":"LinkChange","link":"eth0","up":false}','undone','eth0 is administratively down',1,31317728896,1795963303718014813,1,46540264704,1795963318940550749);
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
INSERT INTO "memories" VALUES(1,X'7B22626F6F745F6964223A2239633061623461322D316434312D343031312D626139332D326365393231306332363163222C22626F6E6473223A5B7B226E616D65223A22626F6E6430222C226D656D62657273223A5B7B226E616D65223A2265746830222C227365656E223A747275652C227065726D616E656E745F6D6163223A2235613A30643A62313A30313A63623A3830222C226C696E6B5F6661696C7572655F636F756E74223A322C22646F776E223A747275652C226C6F73735F6F776564223A66616C73657D2C7B226E616D65223A2265746831222C227365656E223A747275652C227065726D616E656E745F6D6163223A2261653A30613A38623A65393A30363A3061222C226C696E6B5F6661696C7572655F636F756E74223A302C22646F776E223A66616C73652C226C6F73735F6F776564223A66616C73657D5D7D5D7D',1,29273057280,1795963301673343325);
INSERT INTO "memories" VALUES(2,X'7B22626F6F745F6964223A2239633061623461322D316434312D343031312D626139332D326365393231306332363163222C22626F6F7474696D655F6E73223A32393036343132313437322C2277616C6C5F6E73223A313739353936333330313436343430373634352C2273757370656E6465645F7365636F6E6473223A2D302E3030303031343834373939393939393239303039362C226C6F67223A7B226D61726B73223A7B226A6F75726E616C223A7B22626F6F745F6964223A223963306162346132316434313430313162613933326365393231306332363163222C226D6F6E6F746F6E69635F7573223A32393036333331357D2C222F7661722F6C6F672F7379736C6F67223A7B7D2C222F7661722F6C6F672F6D65737361676573223A7B7D2C222F7661722F6C6F672F6D61696C2E6C6F67223A7B7D2C222F7661722F6C6F672F6D61696C6C6F67223A7B7D2C222F7661722F6C6F672F6461656D6F6E2E6C6F67223A7B7D2C222F7661722F6C6F672F6E74702E6C6F67223A7B7D2C222F7661722F6C6F672F6E7470642E6C6F67223A7B7D2C222F7661722F6C6F672F6E74707365632F6E7470642E6C6F67223A7B7D2C222F7661722F6C6F672F6368726F6E792F6368726F6E79642E6C6F67223A7B7D2C222F7661722F6C6F672F766D776172652D766D7376632D726F6F742E6C6F67223A7B7D2C222F7661722F6C6F672F766D776172652D766D7376632E6C6F67223A7B7D7D7D2C226F776564223A6E756C6C7D',1,29273057280,1795963301673343325);
INSERT INTO "memories" VALUES(3,X'7B22626F6F745F6964223A2239633061623461322D316434312D343031312D626139332D326365393231306332363163222C22636F75727365223A6E756C6C2C2270617469656E63655F656E64735F626F6F7474696D655F6E73223A6E756C6C2C2261736B6564223A6E756C6C2C227265667573616C73223A5B5D2C226E6F746564223A5B5D7D',1,29273057280,1795963301673343325);
INSERT INTO "memories" VALUES(12,X'7B226661696C75726573223A7B7D2C22726561736F6E73223A7B7D2C2270696E67223A22227D',1,29273057280,1795963301673343325);
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
INSERT INTO "metrics" VALUES(60,1,0,1,1795963277,5,2.0,2.0,10.0,2.0);
INSERT INTO "metrics" VALUES(60,1,0,2,1795963277,5,1.0,2.0,8.0,1.0);
INSERT INTO "metrics" VALUES(60,1,0,3,1795963277,5,0.0,2.0,5.0,2.0);
INSERT INTO "metrics" VALUES(60,1,0,4,1795963277,5,0.0,0.0,0.0,0.0);
INSERT INTO "metrics" VALUES(60,1,0,5,1795963277,4,0.0,0.0,0.0,0.0);
INSERT INTO "metrics" VALUES(60,1,0,6,1795963277,4,16.0,16.0,64.0,16.0);
INSERT INTO "metrics" VALUES(60,1,0,7,1795963278,3,0.0,0.0,0.0,0.0);
INSERT INTO "metrics" VALUES(60,1,0,8,1795963278,3,0.0,0.0,0.0,0.0);
INSERT INTO "metrics" VALUES(3600,1,0,1,1795963277,5,2.0,2.0,10.0,2.0);
INSERT INTO "metrics" VALUES(3600,1,0,2,1795963277,5,1.0,2.0,8.0,1.0);
INSERT INTO "metrics" VALUES(3600,1,0,3,1795963277,5,0.0,2.0,5.0,2.0);
INSERT INTO "metrics" VALUES(3600,1,0,4,1795963277,5,0.0,0.0,0.0,0.0);
INSERT INTO "metrics" VALUES(3600,1,0,5,1795963277,4,0.0,0.0,0.0,0.0);
INSERT INTO "metrics" VALUES(3600,1,0,6,1795963277,4,16.0,16.0,64.0,16.0);
INSERT INTO "metrics" VALUES(3600,1,0,7,1795963278,3,0.0,0.0,0.0,0.0);
INSERT INTO "metrics" VALUES(3600,1,0,8,1795963278,3,0.0,0.0,0.0,0.0);
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
INSERT INTO "notes" VALUES(1,2,'clock','first reading of the clocks: steps show from the next run on','{}',1,4897519232,1795963277297805149,'');
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
INSERT INTO "spans" VALUES(1,1,'ok','',1,4897519232,1795963277297805149,4897519232,1795963277297805149,1,0);
INSERT INTO "spans" VALUES(2,2,'ok','',1,4897519232,1795963277297805149,29273057280,1795963301673343325,4,20757259904);
INSERT INTO "spans" VALUES(3,3,'unknown','clock: no NTP servers are known, so the offset is not: [checks.clock_sync] servers is empty, and no NTP daemon runs here; set servers = ["time.example"]',1,4897519232,1795963277297805149,29273057280,1795963301673343325,4,20757259904);
INSERT INTO "spans" VALUES(4,4,'not_applicable','no virtual address on lo or a dummy of this host, and no pool by direct routing',1,4897519232,1795963277297805149,29273057280,1795963301673343325,4,20757259904);
INSERT INTO "spans" VALUES(5,5,'not_applicable','no IPVS on this host',1,4897519232,1795963277297805149,29273057280,1795963301673343325,4,20757259904);
INSERT INTO "spans" VALUES(6,6,'not_applicable','no default route, so no gateway to answer through',1,4897519232,1795963277297805149,29273057280,1795963301673343325,4,20757259904);
INSERT INTO "spans" VALUES(7,7,'not_applicable','no NTP daemon runs here (looked for chronyd, ntpd of four kinds, systemd-timesyncd)',1,4897519232,1795963277297805149,29273057280,1795963301673343325,4,20757259904);
INSERT INTO "spans" VALUES(8,8,'not_applicable','no proxy listens here, no IPVS pool is on a proxy''s port, [[checks.proxy_port.targets]] names none',1,4897519232,1795963277297805149,29273057280,1795963301673343325,4,20757259904);
INSERT INTO "spans" VALUES(9,9,'not_applicable','Dovecot is not installed, and [[checks.service.units]] names nothing else',1,4897519232,1795963277297805149,29273057280,1795963301673343325,4,20757259904);
INSERT INTO "spans" VALUES(10,10,'not_applicable','not a VMware guest (systemd-detect-virt says uml), and no other agent that sets the clock runs',1,4897519232,1795963277297805149,29273057280,1795963301673343325,4,20757259904);
INSERT INTO "spans" VALUES(11,11,'not_applicable','no keepalived runs here, and [checks.vrrp] names no interface to listen on',1,4897519232,1795963277297805149,29273057280,1795963301673343325,4,20757259904);
INSERT INTO "spans" VALUES(12,12,'ok','',1,4897519232,1795963277297805149,29273057280,1795963301673343325,5,19094458880);
INSERT INTO "spans" VALUES(13,1,'warning','',1,6539835776,1795963278940121693,6539835776,1795963278940121693,1,0);
INSERT INTO "spans" VALUES(14,1,'ok','',1,25634294656,1795963298034580829,27297095680,1795963299697381725,2,1662801024);
INSERT INTO "spans" VALUES(15,1,'warning','',1,29273057280,1795963301673343325,29273057280,1795963301673343325,1,0);
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
CREATE TABLE tracks (
	fault TEXT NOT NULL, 
	subject TEXT NOT NULL, 
	recent TEXT NOT NULL, 
	flapping BOOLEAN NOT NULL, 
	PRIMARY KEY (fault, subject)
)
 WITHOUT ROWID

;
INSERT INTO "tracks" VALUES('bond.member_down','bond0/eth0','01001',0);
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
INSERT INTO "transitions" VALUES(1,1,1,6539835776,1795963278940121693,NULL,'firing','found');
INSERT INTO "transitions" VALUES(2,1,1,25634294656,1795963298034580829,'firing','resolved','no longer found');
INSERT INTO "transitions" VALUES(3,2,1,29273057280,1795963301673343325,NULL,'firing','found');
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
INSERT INTO "upkeep" VALUES(1,3,1,4127743616,1795963276528029533,1,4897519232,1795963277297805149,15,'aa6f8e51773b580e3a398ae5c3d44cc1348cb489e30975210c362ab065598e4b');
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
