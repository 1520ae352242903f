-- now: 29071071-7816-45cc-ac68-dd21cb1267ef 515436086144 1795898489995420096
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
INSERT INTO "attempts" VALUES(1,1,'ipvs_drain','propose','healed','the check no longer finds the fault','{"summary":"drain 192.168.100.21:8080: 192.168.100.10:8080 sends it nothing new, 2 that answer remain","steps":[{"step":"ServerWeight","pool":"192.168.100.10:8080","server":"192.168.100.21:8080","forwarding":"dr","weight":0}],"settle_seconds":5.0,"lasting":false,"note":"its weight was 2; once it answers again, ipvs.drained_server_well tells, and ipvs_restore puts it back. A restart of this host, or ipvsadm -R, brings back the saved weight.","healthy_left":2,"accepts":[],"undone_after_seconds":null}',1,279561193472,1795898254120488640,1,302573090304,1795898277132385984,'root (uid 0), by watchdog heal 1 --apply');
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
INSERT INTO "audit" VALUES(1,'begun',1,1,'{"remediation":"ipvs_drain","mode":"propose","outcome":"running","reason":"","permission":"root (uid 0), by watchdog heal 1 --apply","plan":{"summary":"drain 192.168.100.21:8080: 192.168.100.10:8080 sends it nothing new, 2 that answer remain","steps":[{"step":"ServerWeight","pool":"192.168.100.10:8080","server":"192.168.100.21:8080","forwarding":"dr","weight":0}],"settle_seconds":5.0,"lasting":false,"note":"its weight was 2; once it answers again, ipvs.drained_server_well tells, and ipvs_restore puts it back. A restart of this host, or ipvsadm -R, brings back the saved weight.","healthy_left":2,"accepts":[],"undone_after_seconds":null},"ended":null}','29071071-7816-45cc-ac68-dd21cb1267ef',279561193472,1795898254120488640,'18191a409c74d2de7b5140131de153d2002945c8eeadf2722a69299424f3b329');
INSERT INTO "audit" VALUES(2,'step',1,1,'{"seq":0,"step":{"step":"ServerWeight","pool":"192.168.100.10:8080","server":"192.168.100.21:8080","forwarding":"dr","weight":0},"undo":{"step":"ServerWeight","pool":"192.168.100.10:8080","server":"192.168.100.21:8080","forwarding":"dr","weight":2},"state":"planned","output":""}','29071071-7816-45cc-ac68-dd21cb1267ef',279787639680,1795898254346934976,'17449564e93fa8ce585a4fce1bc3c73d0b6508b58d8e8eb87c2f8d9ec387ae1a');
INSERT INTO "audit" VALUES(3,'step',1,1,'{"seq":0,"step":{"step":"ServerWeight","pool":"192.168.100.10:8080","server":"192.168.100.21:8080","forwarding":"dr","weight":0},"undo":{"step":"ServerWeight","pool":"192.168.100.10:8080","server":"192.168.100.21:8080","forwarding":"dr","weight":2},"state":"done","output":"192.168.100.21:8080 in 192.168.100.10:8080 has weight 0"}','29071071-7816-45cc-ac68-dd21cb1267ef',285088180096,1795898259647476416,'8c9867d5bb6bdccb37d47c646085fce1513cdebd6b850581312894fbf85c7b94');
INSERT INTO "audit" VALUES(4,'verified',1,1,'{"problem":""}','29071071-7816-45cc-ac68-dd21cb1267ef',302536322176,1795898277095617216,'d8365bf91a5a073047b89f9b7c79fb01c596f9946ccacf26fe5c057087182dc2');
INSERT INTO "audit" VALUES(5,'ended',1,1,'{"outcome":"healed","reason":"the check no longer finds the fault","ended":["29071071-7816-45cc-ac68-dd21cb1267ef",302573090304,1795898277132385984]}','29071071-7816-45cc-ac68-dd21cb1267ef',302573090304,1795898277132385984,'4b698c3d3edb46df0978fb615dfb1f73dd844cb3342ca65a3ab3da009b2afc03');
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
INSERT INTO "boots" VALUES(1,'29071071-7816-45cc-ac68-dd21cb1267ef','lab',95045287936,1795898069604583104,487426164736,1795898461985459904);
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
INSERT INTO "configurations" VALUES(1,'/etc/watchdog/watchdog.toml','4af145d23623277a2bc1fa383fa2b1221155fb2784d37fda03ccc7246291005c',1,106007555712,1795898080566850752);
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
INSERT INTO "incidents" VALUES(1,'ipvs.dead_server_in_pool','192.168.100.10:8080/192.168.100.21:8080','critical','resolved','192.168.100.21:8080 takes the connection and then never answers, and 192.168.100.10:8080 still sends it traffic (weight 2 of 4): its share of the connections fails; drain it: ipvsadm -e -t 192.168.100.10:8080 -r 192.168.100.21:8080 -g -w 0','{"alive_besides":["192.168.100.23:8080","192.168.100.22:8080"],"vip_here":true,"scheduler":"wrr","persistent_seconds":0,"kept_by":"","keeper_unknown":"","weight":2,"forwarding":"dr","active_connections":0,"inactive_connections":2,"asked_by":"http","outcome":"unanswered","status":null,"detail":"","not_seen":"asked on its own address: whether it answers on the virtual one is not seen from here"}',1,156954253696,1795898131513548736,1,215649875200,1795898190209170368,1,215649875200,1795898190209170368,1,307426064384,1795898281985359552,1,'[]',0,0,'critical');
INSERT INTO "incidents" VALUES(2,'ipvs.dead_server_in_pool','192.168.100.10:8080/192.168.100.22:8080','critical','resolved','192.168.100.22:8080 takes the connection and hangs up, and 192.168.100.10:8080 still sends it traffic (weight 1 of 2): its share of the connections fails; drain it: ipvsadm -e -t 192.168.100.10:8080 -r 192.168.100.22:8080 -g -w 0','{"alive_besides":["192.168.100.23:8080"],"vip_here":true,"scheduler":"wrr","persistent_seconds":0,"kept_by":"","keeper_unknown":"","weight":1,"forwarding":"dr","active_connections":0,"inactive_connections":0,"asked_by":"http","outcome":"closed","status":null,"detail":"","not_seen":"asked on its own address: whether it answers on the virtual one is not seen from here"}',1,307426064384,1795898281985359552,1,307426064384,1795898281985359552,NULL,NULL,NULL,1,340420390784,1795898314979685568,1,'[]',0,0,NULL);
INSERT INTO "incidents" VALUES(3,'ipvs.drained_server_well','192.168.100.10:8080/192.168.100.21:8080','warning','firing','192.168.100.21:8080 answers 400, but it was drained when it was dead (weight 2 before) and is still at weight 0: the others carry its share; put it back: ipvsadm -e -t 192.168.100.10:8080 -r 192.168.100.21:8080 -g -w 2','{"weight_before":2,"last_in_service":{"boot_id":"29071071-7816-45cc-ac68-dd21cb1267ef","boottime_ns":211506711040,"wall_ns":1795898186066006464},"vip_here":true,"scheduler":"wrr","persistent_seconds":0,"kept_by":"","keeper_unknown":"","weight":0,"forwarding":"dr","active_connections":0,"inactive_connections":0,"asked_by":"http","outcome":"answered","status":400,"detail":"","not_seen":"asked on its own address: whether it answers on the virtual one is not seen from here"}',1,340420390784,1795898314979685568,1,487426164736,1795898461985459904,1,424456845056,1795898399016140224,NULL,NULL,NULL,1,'[]',0,0,'warning');
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
INSERT INTO "journal" VALUES(1,0,'{"step":"ServerWeight","pool":"192.168.100.10:8080","server":"192.168.100.21:8080","forwarding":"dr","weight":0}','{"step":"ServerWeight","pool":"192.168.100.10:8080","server":"192.168.100.21:8080","forwarding":"dr","weight":2}','done','192.168.100.21:8080 in 192.168.100.10:8080 has weight 0',1,279787639680,1795898254346934976,1,285088180096,1795898259647476416);
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
INSERT INTO "memories" VALUES(1,X'7B226E6F746564223A5B5D2C2266616C6C656E223A5B7B22706F6F6C223A223139322E3136382E3130302E31303A38303830222C22736572766572223A223139322E3136382E3130302E32313A38303830222C22776569676874223A322C22696E5F73657276696365223A7B22626F6F745F6964223A2232393037313037312D373831362D343563632D616336382D646432316362313236376566222C22626F6F7474696D655F6E73223A3231313530363731313034302C2277616C6C5F6E73223A313739353839383138363036363030363436347D7D5D7D',1,487426164736,1795898461985459904);
INSERT INTO "memories" VALUES(2,X'7B226661696C75726573223A7B7D2C22726561736F6E73223A7B7D2C2270696E67223A22227D',1,487426164736,1795898461985459904);
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
INSERT INTO "metrics" VALUES(60,1,1,1,1795898079,1,3.0,3.0,3.0,3.0);
INSERT INTO "metrics" VALUES(60,1,1,2,1795898079,1,4.86391040000000884901e-01,4.86391040000000884901e-01,4.86391040000000884901e-01,4.86391040000000884901e-01);
INSERT INTO "metrics" VALUES(60,1,1,3,1795898079,1,1.39682815999989884403e-01,1.39682815999989884403e-01,1.39682815999989884403e-01,1.39682815999989884403e-01);
INSERT INTO "metrics" VALUES(60,1,1,4,1795898079,1,1.12751104000011537209e-01,1.12751104000011537209e-01,1.12751104000011537209e-01,1.12751104000011537209e-01);
INSERT INTO "metrics" VALUES(60,1,2,1,1795898131,1,3.0,3.0,3.0,3.0);
INSERT INTO "metrics" VALUES(60,1,2,3,1795898131,1,1.05350399999991850563e-01,1.05350399999991850563e-01,1.05350399999991850563e-01,1.05350399999991850563e-01);
INSERT INTO "metrics" VALUES(60,1,2,4,1795898131,1,1.15618815999994239973e-01,1.15618815999994239973e-01,1.15618815999994239973e-01,1.15618815999994239973e-01);
INSERT INTO "metrics" VALUES(60,1,3,1,1795898190,1,3.0,3.0,3.0,3.0);
INSERT INTO "metrics" VALUES(60,1,3,3,1795898190,1,7.24787199999923359428e-02,7.24787199999923359428e-02,7.24787199999923359428e-02,7.24787199999923359428e-02);
INSERT INTO "metrics" VALUES(60,1,3,4,1795898190,1,1.09118719999997892955e-01,1.09118719999997892955e-01,1.09118719999997892955e-01,1.09118719999997892955e-01);
INSERT INTO "metrics" VALUES(60,1,5,1,1795898281,2,2.0,2.0,4.0,2.0);
INSERT INTO "metrics" VALUES(60,1,5,3,1795898314,1,1.90014975999986290844e-01,1.90014975999986290844e-01,1.90014975999986290844e-01,1.90014975999986290844e-01);
INSERT INTO "metrics" VALUES(60,1,5,4,1795898281,2,1.20253439999999045539e-01,1.91030016000013347365e-01,3.11283456000012392905e-01,1.91030016000013347365e-01);
INSERT INTO "metrics" VALUES(60,1,7,1,1795898399,1,2.0,2.0,2.0,2.0);
INSERT INTO "metrics" VALUES(60,1,7,3,1795898399,1,1.5686016000000790882e-01,1.5686016000000790882e-01,1.5686016000000790882e-01,1.5686016000000790882e-01);
INSERT INTO "metrics" VALUES(60,1,7,4,1795898399,1,1.34472959999982322187e-01,1.34472959999982322187e-01,1.34472959999982322187e-01,1.34472959999982322187e-01);
INSERT INTO "metrics" VALUES(60,1,8,1,1795898461,1,2.0,2.0,2.0,2.0);
INSERT INTO "metrics" VALUES(60,1,8,3,1795898461,1,1.47226368000019647297e-01,1.47226368000019647297e-01,1.47226368000019647297e-01,1.47226368000019647297e-01);
INSERT INTO "metrics" VALUES(60,1,8,4,1795898461,1,1.64288768000005802605e-01,1.64288768000005802605e-01,1.64288768000005802605e-01,1.64288768000005802605e-01);
INSERT INTO "metrics" VALUES(3600,1,0,1,1795898079,7,2.0,3.0,17.0,2.0);
INSERT INTO "metrics" VALUES(3600,1,0,2,1795898079,1,4.86391040000000884901e-01,4.86391040000000884901e-01,4.86391040000000884901e-01,4.86391040000000884901e-01);
INSERT INTO "metrics" VALUES(3600,1,0,3,1795898079,6,7.24787199999923359428e-02,1.90014975999986290844e-01,8.11613439999987917872e-01,1.47226368000019647297e-01);
INSERT INTO "metrics" VALUES(3600,1,0,4,1795898079,7,1.09118719999997892955e-01,1.91030016000013347365e-01,9.47533824000004187837e-01,1.64288768000005802605e-01);
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
INSERT INTO "spans" VALUES(1,1,'ok','',1,105431696896,1795898079990992064,105431696896,1795898079990992064,1,0);
INSERT INTO "spans" VALUES(2,2,'ok','',1,105431696896,1795898079990992064,487426164736,1795898461985459904,7,91776189184);
INSERT INTO "spans" VALUES(3,1,'critical','',1,156954253696,1795898131513548736,307426064384,1795898281985359552,3,91776189184);
INSERT INTO "spans" VALUES(4,1,'warning','',1,340420390784,1795898314979685568,487426164736,1795898461985459904,3,84036454272);
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
INSERT INTO "tracks" VALUES('ipvs.dead_server_in_pool','192.168.100.10:8080/192.168.100.22:8080','01000',0);
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
INSERT INTO "transitions" VALUES(1,1,1,156954253696,1795898131513548736,NULL,'pending','found; fires when it has lasted 30.0 s');
INSERT INTO "transitions" VALUES(2,1,1,215649875200,1795898190209170368,'pending','firing','still found after 30.0 s');
INSERT INTO "transitions" VALUES(3,2,1,307426064384,1795898281985359552,NULL,'pending','found; fires when it has lasted 30.0 s');
INSERT INTO "transitions" VALUES(4,1,1,307426064384,1795898281985359552,'firing','resolved','no longer found');
INSERT INTO "transitions" VALUES(5,3,1,340420390784,1795898314979685568,NULL,'pending','found; fires when it has lasted 60.0 s');
INSERT INTO "transitions" VALUES(6,2,1,340420390784,1795898314979685568,'pending','resolved','gone before it had lasted 30.0 s');
INSERT INTO "transitions" VALUES(7,3,1,424456845056,1795898399016140224,'pending','firing','still found after 60.0 s');
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
INSERT INTO "upkeep" VALUES(1,4,1,95045287936,1795898069604583104,1,105431696896,1795898079990992064,5,'4b698c3d3edb46df0978fb615dfb1f73dd844cb3342ca65a3ab3da009b2afc03');
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
