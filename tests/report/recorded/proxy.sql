-- now: 5efe3ee6-a6a5-40ac-9836-a7bf14b76a4e 485429702528 1795899261684984281
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
INSERT INTO "attempts" VALUES(1,1,'ipvs_drain','propose','healed','the check no longer finds the fault','{"summary":"drain 192.168.100.21:8080: 192.168.100.10:8080 sends it nothing new, 2 that answer remain","steps":[{"step":"ServerWeight","pool":"192.168.100.10:8080","server":"192.168.100.21:8080","forwarding":"dr","weight":0}],"settle_seconds":5.0,"lasting":false,"note":"its weight was 2; once it answers again, ipvs.drained_server_well tells, and ipvs_restore puts it back. A restart of this host, or ipvsadm -R, brings back the saved weight.","healthy_left":2,"accepts":[],"undone_after_seconds":null}',1,241997536000,1795899018252782553,1,261874071808,1795899038129318105,'root (uid 0), by watchdog heal 1 --apply');
INSERT INTO "attempts" VALUES(2,2,'ipvs_restore','propose','harmed','something new is wrong: ipvs.dead_server_in_pool on 192.168.100.10:8080/192.168.100.23:8080: 192.168.100.23:8080 takes the connection and hangs up, and 192.168.100.10:8080 still sends it traffic (weight 1 of 4): its share of the connections fails; drain it: ipvsadm -e -t 192.168.100.10:8080 -r 192.168.100.23:8080 -g -w 0; what was done is undone','{"summary":"give 192.168.100.21:8080 in 192.168.100.10:8080 its weight 2 back: it answers again","steps":[{"step":"ServerWeight","pool":"192.168.100.10:8080","server":"192.168.100.21:8080","forwarding":"dr","weight":2}],"settle_seconds":5.0,"lasting":false,"note":"attempt 1 drained it (2026-11-28T20:50:18.252Z).","healthy_left":null,"accepts":[],"undone_after_seconds":null}',1,419848581760,1795899196103828441,1,432560912768,1795899208816159193,'root (uid 0), by watchdog heal 2 --apply');
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
INSERT INTO "audit" VALUES(1,'begun',1,1,'{"remediation":"ipvs_drain","mode":"propose","outcome":"running","reason":"","permission":"root (uid 0), by watchdog heal 1 --apply","plan":{"summary":"drain 192.168.100.21:8080: 192.168.100.10:8080 sends it nothing new, 2 that answer remain","steps":[{"step":"ServerWeight","pool":"192.168.100.10:8080","server":"192.168.100.21:8080","forwarding":"dr","weight":0}],"settle_seconds":5.0,"lasting":false,"note":"its weight was 2; once it answers again, ipvs.drained_server_well tells, and ipvs_restore puts it back. A restart of this host, or ipvsadm -R, brings back the saved weight.","healthy_left":2,"accepts":[],"undone_after_seconds":null},"ended":null}','5efe3ee6-a6a5-40ac-9836-a7bf14b76a4e',241997536000,1795899018252782553,'3d1b611b067c0f7d53406c37c59acb53f2e416ef0d9528870f61dcd9a15cdae7');
INSERT INTO "audit" VALUES(2,'step',1,1,'{"seq":0,"step":{"step":"ServerWeight","pool":"192.168.100.10:8080","server":"192.168.100.21:8080","forwarding":"dr","weight":0},"undo":{"step":"ServerWeight","pool":"192.168.100.10:8080","server":"192.168.100.21:8080","forwarding":"dr","weight":2},"state":"planned","output":""}','5efe3ee6-a6a5-40ac-9836-a7bf14b76a4e',242234852608,1795899018490099161,'092c11f622e47fa7f4624811fc348461be19124dc13adef45ec2fede991a9ddd');
INSERT INTO "audit" VALUES(3,'step',1,1,'{"seq":0,"step":{"step":"ServerWeight","pool":"192.168.100.10:8080","server":"192.168.100.21:8080","forwarding":"dr","weight":0},"undo":{"step":"ServerWeight","pool":"192.168.100.10:8080","server":"192.168.100.21:8080","forwarding":"dr","weight":2},"state":"done","output":"192.168.100.21:8080 in 192.168.100.10:8080 has weight 0"}','5efe3ee6-a6a5-40ac-9836-a7bf14b76a4e',245416598400,1795899021671844825,'f8f1f084da890a9b2ca0d4488fd9befe0f8a1eb2b3317e6e9b56fa3223171794');
INSERT INTO "audit" VALUES(4,'verified',1,1,'{"problem":""}','5efe3ee6-a6a5-40ac-9836-a7bf14b76a4e',261853759872,1795899038109006041,'8f4bc282d063602ebe6b40ad22ed8d28def79d1262a662e79018df968dfc272b');
INSERT INTO "audit" VALUES(5,'ended',1,1,'{"outcome":"healed","reason":"the check no longer finds the fault","ended":["5efe3ee6-a6a5-40ac-9836-a7bf14b76a4e",261874071808,1795899038129318105]}','5efe3ee6-a6a5-40ac-9836-a7bf14b76a4e',261874071808,1795899038129318105,'79aba49790c7b5990146be49ac104cfd460fb478a334fc3f27e53000e7d0e3a1');
INSERT INTO "audit" VALUES(6,'begun',2,2,'{"remediation":"ipvs_restore","mode":"propose","outcome":"running","reason":"","permission":"root (uid 0), by watchdog heal 2 --apply","plan":{"summary":"give 192.168.100.21:8080 in 192.168.100.10:8080 its weight 2 back: it answers again","steps":[{"step":"ServerWeight","pool":"192.168.100.10:8080","server":"192.168.100.21:8080","forwarding":"dr","weight":2}],"settle_seconds":5.0,"lasting":false,"note":"attempt 1 drained it (2026-11-28T20:50:18.252Z).","healthy_left":null,"accepts":[],"undone_after_seconds":null},"ended":null}','5efe3ee6-a6a5-40ac-9836-a7bf14b76a4e',419848581760,1795899196103828441,'18c3a9f726ece37cc30adac83006a62b9e4bde6cd38f448e09d4a0a6472d6a7b');
INSERT INTO "audit" VALUES(7,'step',2,2,'{"seq":0,"step":{"step":"ServerWeight","pool":"192.168.100.10:8080","server":"192.168.100.21:8080","forwarding":"dr","weight":2},"undo":{"step":"ServerWeight","pool":"192.168.100.10:8080","server":"192.168.100.21:8080","forwarding":"dr","weight":0},"state":"planned","output":""}','5efe3ee6-a6a5-40ac-9836-a7bf14b76a4e',420060517248,1795899196315763673,'c61464d75b75c6434407cd141a2c1ccf84fb5098fb7670ac140f2953f9b9796c');
INSERT INTO "audit" VALUES(8,'step',2,2,'{"seq":0,"step":{"step":"ServerWeight","pool":"192.168.100.10:8080","server":"192.168.100.21:8080","forwarding":"dr","weight":2},"undo":{"step":"ServerWeight","pool":"192.168.100.10:8080","server":"192.168.100.21:8080","forwarding":"dr","weight":0},"state":"done","output":"192.168.100.21:8080 in 192.168.100.10:8080 has weight 2"}','5efe3ee6-a6a5-40ac-9836-a7bf14b76a4e',423014335360,1795899199269581785,'d3d509f1e727235bbf89a6e66772a44cb03dd04be59e4a62c9b309659181b037');
INSERT INTO "audit" VALUES(9,'verified',2,2,'{"problem":"something new is wrong: ipvs.dead_server_in_pool on 192.168.100.10:8080/192.168.100.23:8080: 192.168.100.23:8080 takes the connection and hangs up, and 192.168.100.10:8080 still sends it traffic (weight 1 of 4): its share of the connections fails; drain it: ipvsadm -e -t 192.168.100.10:8080 -r 192.168.100.23:8080 -g -w 0"}','5efe3ee6-a6a5-40ac-9836-a7bf14b76a4e',432369548032,1795899208624794585,'2be9fad1379ccdb4d330cfcaf25555f7360f0777f722f2abfe695f378fbbaeba');
INSERT INTO "audit" VALUES(10,'step',2,2,'{"seq":0,"step":{"step":"ServerWeight","pool":"192.168.100.10:8080","server":"192.168.100.21:8080","forwarding":"dr","weight":2},"undo":{"step":"ServerWeight","pool":"192.168.100.10:8080","server":"192.168.100.21:8080","forwarding":"dr","weight":0},"state":"undone","output":"192.168.100.21:8080 in 192.168.100.10:8080 has weight 0"}','5efe3ee6-a6a5-40ac-9836-a7bf14b76a4e',432530505856,1795899208785752537,'813251386d5e714703b258ed1e2f63b9074d06a4bd274e93fd3bf2d9756ea75a');
INSERT INTO "audit" VALUES(11,'ended',2,2,'{"outcome":"harmed","reason":"something new is wrong: ipvs.dead_server_in_pool on 192.168.100.10:8080/192.168.100.23:8080: 192.168.100.23:8080 takes the connection and hangs up, and 192.168.100.10:8080 still sends it traffic (weight 1 of 4): its share of the connections fails; drain it: ipvsadm -e -t 192.168.100.10:8080 -r 192.168.100.23:8080 -g -w 0; what was done is undone","ended":["5efe3ee6-a6a5-40ac-9836-a7bf14b76a4e",432560912768,1795899208816159193]}','5efe3ee6-a6a5-40ac-9836-a7bf14b76a4e',432560912768,1795899208816159193,'3e444d542e0fd7bd14292aa14843b12bbcece48d0564ebd6d1c3441d9f08955c');
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
INSERT INTO "boots" VALUES(1,'5efe3ee6-a6a5-40ac-9836-a7bf14b76a4e','lab',78955553280,1795898855210799577,467420796160,1795899243676042713);
CREATE TABLE checks (
	id INTEGER NOT NULL, 
	name TEXT NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (name)
);
INSERT INTO "checks" VALUES(1,'ipvs');
INSERT INTO "checks" VALUES(2,'watchdog');
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
INSERT INTO "configurations" VALUES(1,'/etc/watchdog/watchdog.toml','4af145d23623277a2bc1fa383fa2b1221155fb2784d37fda03ccc7246291005c',1,85715340800,1795898861970587097);
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
INSERT INTO "incidents" VALUES(1,'ipvs.dead_server_in_pool','192.168.100.10:8080/192.168.100.21:8080','critical','resolved','192.168.100.21:8080 takes the connection and then never answers, and 192.168.100.10:8080 still sends it traffic (weight 2 of 4): its share of the connections fails; drain it: ipvsadm -e -t 192.168.100.10:8080 -r 192.168.100.21:8080 -g -w 0','{"alive_besides":["192.168.100.23:8080","192.168.100.22:8080"],"vip_here":true,"scheduler":"wrr","persistent_seconds":0,"kept_by":"","keeper_unknown":"","weight":2,"forwarding":"dr","active_connections":0,"inactive_connections":2,"asked_by":"http","outcome":"unanswered","status":null,"detail":"","not_seen":"asked on its own address: whether it answers on the virtual one is not seen from here"}',1,128614605184,1795898904869851865,1,179597076608,1795898955852323033,1,179597076608,1795898955852323033,1,266490421888,1795899042745668313,1,'[]',0,0,'critical');
INSERT INTO "incidents" VALUES(2,'ipvs.drained_server_well','192.168.100.10:8080/192.168.100.21:8080','warning','firing','192.168.100.21:8080 answers 400, but it was drained when it was dead (weight 2 before) and is still at weight 0: the others carry its share; put it back: ipvsadm -e -t 192.168.100.10:8080 -r 192.168.100.21:8080 -g -w 2','{"weight_before":2,"last_in_service":{"boot_id":"5efe3ee6-a6a5-40ac-9836-a7bf14b76a4e","boottime_ns":175373797632,"wall_ns":1795898951629043929},"vip_here":true,"scheduler":"wrr","persistent_seconds":0,"kept_by":"","keeper_unknown":"","weight":0,"forwarding":"dr","active_connections":0,"inactive_connections":0,"asked_by":"http","outcome":"answered","status":400,"detail":"","not_seen":"asked on its own address: whether it answers on the virtual one is not seen from here"}',1,308371016192,1795899084626262745,1,467420796160,1795899243676042713,1,394259071232,1795899170514320089,NULL,NULL,NULL,1,'[]',0,0,'warning');
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
INSERT INTO "journal" VALUES(1,0,'{"step":"ServerWeight","pool":"192.168.100.10:8080","server":"192.168.100.21:8080","forwarding":"dr","weight":0}','{"step":"ServerWeight","pool":"192.168.100.10:8080","server":"192.168.100.21:8080","forwarding":"dr","weight":2}','done','192.168.100.21:8080 in 192.168.100.10:8080 has weight 0',1,242234852608,1795899018490099161,1,245416598400,1795899021671844825);
INSERT INTO "journal" VALUES(2,0,'{"step":"ServerWeight","pool":"192.168.100.10:8080","server":"192.168.100.21:8080","forwarding":"dr","weight":2}','{"step":"ServerWeight","pool":"192.168.100.10:8080","server":"192.168.100.21:8080","forwarding":"dr","weight":0}','undone','192.168.100.21:8080 in 192.168.100.10:8080 has weight 0',1,420060517248,1795899196315763673,1,432530505856,1795899208785752537);
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
INSERT INTO "memories" VALUES(1,X'7B226E6F746564223A5B5D2C2266616C6C656E223A5B7B22706F6F6C223A223139322E3136382E3130302E31303A38303830222C22736572766572223A223139322E3136382E3130302E32313A38303830222C22776569676874223A322C22696E5F73657276696365223A7B22626F6F745F6964223A2235656665336565362D613661352D343061632D393833362D613762663134623736613465222C22626F6F7474696D655F6E73223A3137353337333739373633322C2277616C6C5F6E73223A313739353839383935313632393034333932397D7D5D7D',1,467420796160,1795899243676042713);
INSERT INTO "memories" VALUES(2,X'7B226661696C75726573223A7B7D2C22726561736F6E73223A7B7D2C2270696E67223A22227D',1,467420796160,1795899243676042713);
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
INSERT INTO "metrics" VALUES(60,1,1,1,1795898861,1,3.0,3.0,3.0,3.0);
INSERT INTO "metrics" VALUES(60,1,1,2,1795898861,1,3.57212416000010080097e-01,3.57212416000010080097e-01,3.57212416000010080097e-01,3.57212416000010080097e-01);
INSERT INTO "metrics" VALUES(60,1,1,3,1795898861,1,1.75946239999973386147e-02,1.75946239999973386147e-02,1.75946239999973386147e-02,1.75946239999973386147e-02);
INSERT INTO "metrics" VALUES(60,1,1,4,1795898861,1,3.0078208000006156908e-02,3.0078208000006156908e-02,3.0078208000006156908e-02,3.0078208000006156908e-02);
INSERT INTO "metrics" VALUES(60,1,2,1,1795898904,2,3.0,3.0,6.0,3.0);
INSERT INTO "metrics" VALUES(60,1,2,3,1795898904,2,2.87987199999975018727e-02,5.77251839999917137902e-02,8.65239039999892156629e-02,2.87987199999975018727e-02);
INSERT INTO "metrics" VALUES(60,1,2,4,1795898904,2,1.96341760000109388784e-02,4.87669759999960206187e-02,6.84011520000069594971e-02,1.96341760000109388784e-02);
INSERT INTO "metrics" VALUES(60,1,4,1,1795899042,1,2.0,2.0,2.0,2.0);
INSERT INTO "metrics" VALUES(60,1,4,3,1795899042,1,5.13943039999844586418e-02,5.13943039999844586418e-02,5.13943039999844586418e-02,5.13943039999844586418e-02);
INSERT INTO "metrics" VALUES(60,1,4,4,1795899042,1,5.08272639999631792306e-02,5.08272639999631792306e-02,5.08272639999631792306e-02,5.08272639999631792306e-02);
INSERT INTO "metrics" VALUES(60,1,5,1,1795899084,1,2.0,2.0,2.0,2.0);
INSERT INTO "metrics" VALUES(60,1,5,3,1795899084,1,1.98895103999973343888e-01,1.98895103999973343888e-01,1.98895103999973343888e-01,1.98895103999973343888e-01);
INSERT INTO "metrics" VALUES(60,1,5,4,1795899084,1,2.0504934400003094197e-01,2.0504934400003094197e-01,2.0504934400003094197e-01,2.0504934400003094197e-01);
INSERT INTO "metrics" VALUES(60,1,6,1,1795899170,1,2.0,2.0,2.0,2.0);
INSERT INTO "metrics" VALUES(60,1,6,3,1795899170,1,2.05149183999992601457e-01,2.05149183999992601457e-01,2.05149183999992601457e-01,2.05149183999992601457e-01);
INSERT INTO "metrics" VALUES(60,1,6,4,1795899170,1,1.74673152000025311281e-01,1.74673152000025311281e-01,1.74673152000025311281e-01,1.74673152000025311281e-01);
INSERT INTO "metrics" VALUES(60,1,7,1,1795899243,1,2.0,2.0,2.0,2.0);
INSERT INTO "metrics" VALUES(60,1,7,3,1795899243,1,7.55604479999760769715e-02,7.55604479999760769715e-02,7.55604479999760769715e-02,7.55604479999760769715e-02);
INSERT INTO "metrics" VALUES(60,1,7,4,1795899243,1,0.0807183360000181,0.0807183360000181,0.0807183360000181,0.0807183360000181);
INSERT INTO "metrics" VALUES(3600,1,0,1,1795898861,7,2.0,3.0,17.0,2.0);
INSERT INTO "metrics" VALUES(3600,1,0,2,1795898861,1,3.57212416000010080097e-01,3.57212416000010080097e-01,3.57212416000010080097e-01,3.57212416000010080097e-01);
INSERT INTO "metrics" VALUES(3600,1,0,3,1795898861,7,1.75946239999973386147e-02,2.05149183999992601457e-01,0.635117567999913,7.55604479999760769715e-02);
INSERT INTO "metrics" VALUES(3600,1,0,4,1795898861,7,1.96341760000109388784e-02,2.0504934400003094197e-01,6.09747456000050647162e-01,0.0807183360000181);
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
CREATE TABLE series (
	id INTEGER NOT NULL, 
	check_id INTEGER NOT NULL, 
	subject TEXT NOT NULL, 
	name TEXT NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(check_id) REFERENCES checks (id), 
	UNIQUE (check_id, subject, name)
);
INSERT INTO "series" VALUES(1,1,'192.168.100.10:8080','servers_in_service');
INSERT INTO "series" VALUES(2,1,'192.168.100.10:8080/192.168.100.21:8080','answer_seconds');
INSERT INTO "series" VALUES(3,1,'192.168.100.10:8080/192.168.100.22:8080','answer_seconds');
INSERT INTO "series" VALUES(4,1,'192.168.100.10:8080/192.168.100.23:8080','answer_seconds');
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
INSERT INTO "spans" VALUES(1,1,'ok','',1,85441447936,1795898861696694489,85441447936,1795898861696694489,1,0);
INSERT INTO "spans" VALUES(2,2,'ok','',1,85441447936,1795898861696694489,467420796160,1795899243676042713,7,86893345280);
INSERT INTO "spans" VALUES(3,1,'critical','',1,128614605184,1795898904869851865,179597076608,1795898955852323033,2,50982471424);
INSERT INTO "spans" VALUES(4,1,'ok','',1,266490421888,1795899042745668313,266490421888,1795899042745668313,1,0);
INSERT INTO "spans" VALUES(5,1,'warning','',1,308371016192,1795899084626262745,467420796160,1795899243676042713,3,85888055040);
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
INSERT INTO "tracks" VALUES('ipvs.dead_server_in_pool','192.168.100.10:8080/192.168.100.21:8080','0110000',0);
INSERT INTO "tracks" VALUES('ipvs.drained_server_well','192.168.100.10:8080/192.168.100.21:8080','0111',0);
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
INSERT INTO "transitions" VALUES(1,1,1,128614605184,1795898904869851865,NULL,'pending','found; fires when it has lasted 30.0 s');
INSERT INTO "transitions" VALUES(2,1,1,179597076608,1795898955852323033,'pending','firing','still found after 30.0 s');
INSERT INTO "transitions" VALUES(3,1,1,266490421888,1795899042745668313,'firing','resolved','no longer found');
INSERT INTO "transitions" VALUES(4,2,1,308371016192,1795899084626262745,NULL,'pending','found; fires when it has lasted 60.0 s');
INSERT INTO "transitions" VALUES(5,2,1,394259071232,1795899170514320089,'pending','firing','still found after 60.0 s');
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
INSERT INTO "upkeep" VALUES(1,3,1,78955553280,1795898855210799577,1,85441447936,1795898861696694489,11,'3e444d542e0fd7bd14292aa14843b12bbcece48d0564ebd6d1c3441d9f08955c');
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
