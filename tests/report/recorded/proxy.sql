-- now: ee6ff342-e47b-42fc-bad2-3ef583a862f0 226966241792 1795963542943350253
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
INSERT INTO "attempts" VALUES(1,1,'ipvs_drain','propose','healed','the check no longer finds the fault','{"summary":"drain 192.168.100.21:8080: 192.168.100.10:8080 sends it nothing new, 2 that answer remain","steps":[{"step":"ServerWeight","pool":"192.168.100.10:8080","server":"192.168.100.21:8080","forwarding":"dr","weight":0}],"settle_seconds":5.0,"lasting":false,"note":"its weight was 2; once it answers again, ipvs.drained_server_well tells, and ipvs_restore puts it back. A restart of this host, or ipvsadm -R, brings back the saved weight.","healthy_left":2,"accepts":[],"undone_after_seconds":null}',1,112189528832,1795963428166618861,1,137743516544,1795963453720606445,'root (uid 0), by watchdog heal 1 --apply');
INSERT INTO "attempts" VALUES(2,2,'ipvs_restore','propose','healed','the check no longer finds the fault','{"summary":"give 192.168.100.21:8080 in 192.168.100.10:8080 its weight 2 back: it answers again","steps":[{"step":"ServerWeight","pool":"192.168.100.10:8080","server":"192.168.100.21:8080","forwarding":"dr","weight":2}],"settle_seconds":5.0,"lasting":false,"note":"attempt 1 drained it (2026-11-29T14:43:48.166Z).","healthy_left":null,"accepts":[],"undone_after_seconds":null}',1,216451976832,1795963532429066989,1,222910819712,1795963538887909613,'root (uid 0), by watchdog heal 2 --apply');
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
INSERT INTO "audit" VALUES(1,'begun',1,1,'{"remediation":"ipvs_drain","mode":"propose","outcome":"running","reason":"","permission":"root (uid 0), by watchdog heal 1 --apply","plan":{"summary":"drain 192.168.100.21:8080: 192.168.100.10:8080 sends it nothing new, 2 that answer remain","steps":[{"step":"ServerWeight","pool":"192.168.100.10:8080","server":"192.168.100.21:8080","forwarding":"dr","weight":0}],"settle_seconds":5.0,"lasting":false,"note":"its weight was 2; once it answers again, ipvs.drained_server_well tells, and ipvs_restore puts it back. A restart of this host, or ipvsadm -R, brings back the saved weight.","healthy_left":2,"accepts":[],"undone_after_seconds":null},"ended":null}','ee6ff342-e47b-42fc-bad2-3ef583a862f0',112189528832,1795963428166618861,'96da7190389bb3fc1ab7292b44c2e40f4c65f006a44ee7b4f845838c228836b1');
INSERT INTO "audit" VALUES(2,'step',1,1,'{"seq":0,"step":{"step":"ServerWeight","pool":"192.168.100.10:8080","server":"192.168.100.21:8080","forwarding":"dr","weight":0},"undo":{"step":"ServerWeight","pool":"192.168.100.10:8080","server":"192.168.100.21:8080","forwarding":"dr","weight":2},"state":"planned","output":""}','ee6ff342-e47b-42fc-bad2-3ef583a862f0',112204461568,1795963428181551597,'b847baffb6e67e690042336d81df402da2451257c229fa76af33a1b62d93e834');
INSERT INTO "audit" VALUES(3,'step',1,1,'{"seq":0,"step":{"step":"ServerWeight","pool":"192.168.100.10:8080","server":"192.168.100.21:8080","forwarding":"dr","weight":0},"undo":{"step":"ServerWeight","pool":"192.168.100.10:8080","server":"192.168.100.21:8080","forwarding":"dr","weight":2},"state":"done","output":"192.168.100.21:8080 in 192.168.100.10:8080 has weight 0"}','ee6ff342-e47b-42fc-bad2-3ef583a862f0',112527820928,1795963428504911085,'3645bfbf50bc075580bbb4fb35c505f4dde6702d1d77e432086bf887833c7860');
INSERT INTO "audit" VALUES(4,'verified',1,1,'{"problem":""}','ee6ff342-e47b-42fc-bad2-3ef583a862f0',137741000320,1795963453718090221,'0d3d3f274e8a4d62f1f3e2c25bc98f92fb510293a346393f726236f21c9c1d7c');
INSERT INTO "audit" VALUES(5,'ended',1,1,'{"outcome":"healed","reason":"the check no longer finds the fault","ended":["ee6ff342-e47b-42fc-bad2-3ef583a862f0",137743516544,1795963453720606445]}','ee6ff342-e47b-42fc-bad2-3ef583a862f0',137743516544,1795963453720606445,'e5ba109abeb5de03d0bdbca5697090d534bd434ef09a95530aad6cdd35c78e33');
INSERT INTO "audit" VALUES(6,'begun',2,2,'{"remediation":"ipvs_restore","mode":"propose","outcome":"running","reason":"","permission":"root (uid 0), by watchdog heal 2 --apply","plan":{"summary":"give 192.168.100.21:8080 in 192.168.100.10:8080 its weight 2 back: it answers again","steps":[{"step":"ServerWeight","pool":"192.168.100.10:8080","server":"192.168.100.21:8080","forwarding":"dr","weight":2}],"settle_seconds":5.0,"lasting":false,"note":"attempt 1 drained it (2026-11-29T14:43:48.166Z).","healthy_left":null,"accepts":[],"undone_after_seconds":null},"ended":null}','ee6ff342-e47b-42fc-bad2-3ef583a862f0',216451976832,1795963532429066989,'a7588af4851968349782d062c0b396735e8f8d6c110e097459995a088812a80f');
INSERT INTO "audit" VALUES(7,'step',2,2,'{"seq":0,"step":{"step":"ServerWeight","pool":"192.168.100.10:8080","server":"192.168.100.21:8080","forwarding":"dr","weight":2},"undo":{"step":"ServerWeight","pool":"192.168.100.10:8080","server":"192.168.100.21:8080","forwarding":"dr","weight":0},"state":"planned","output":""}','ee6ff342-e47b-42fc-bad2-3ef583a862f0',216467077248,1795963532444167405,'f4ff654450cccf634359d60771f5e89f9fe90cc2ff0df105de34afd1e981f8a5');
INSERT INTO "audit" VALUES(8,'step',2,2,'{"seq":0,"step":{"step":"ServerWeight","pool":"192.168.100.10:8080","server":"192.168.100.21:8080","forwarding":"dr","weight":2},"undo":{"step":"ServerWeight","pool":"192.168.100.10:8080","server":"192.168.100.21:8080","forwarding":"dr","weight":0},"state":"done","output":"192.168.100.21:8080 in 192.168.100.10:8080 has weight 2"}','ee6ff342-e47b-42fc-bad2-3ef583a862f0',216777709440,1795963532754799597,'709865895e0ea8f96fb5c62bc625f91dadac83533cb9d02efcca3af751fd57f1');
INSERT INTO "audit" VALUES(9,'verified',2,2,'{"problem":""}','ee6ff342-e47b-42fc-bad2-3ef583a862f0',222908050176,1795963538885140205,'e4ada1eb152debada83ecfe6a30a9246e2a5e32c8cc1f7d65641765e5f244867');
INSERT INTO "audit" VALUES(10,'ended',2,2,'{"outcome":"healed","reason":"the check no longer finds the fault","ended":["ee6ff342-e47b-42fc-bad2-3ef583a862f0",222910819712,1795963538887909613]}','ee6ff342-e47b-42fc-bad2-3ef583a862f0',222910819712,1795963538887909613,'3a3b3f9a7b4318dc9f8b7d964e3e1d15e47ae7942ed603b1cb03d36492fc13bb');
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
INSERT INTO "boots" VALUES(1,'ee6ff342-e47b-42fc-bad2-3ef583a862f0','lab',8366518528,1795963324343608557,225872803072,1795963541849893101);
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
INSERT INTO "configurations" VALUES(1,'/etc/watchdog/watchdog.toml','4ce8b567b933baf3395e70d146df4f7dd709745380af8f5318f9b1cce01a660a',1,9092030208,1795963325069120237);
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
INSERT INTO "incidents" VALUES(1,'ipvs.dead_server_in_pool','192.168.100.10:8080/192.168.100.21:8080','critical','resolved','192.168.100.21:8080 takes the connection and then never answers, and 192.168.100.10:8080 still sends it traffic (weight 2 of 4): its share of the connections fails; drain it: ipvsadm -e -t 192.168.100.10:8080 -r 192.168.100.21:8080 -g -w 0','{"alive_besides":["192.168.100.23:8080","192.168.100.22:8080"],"vip_here":true,"scheduler":"wrr","persistent_seconds":0,"kept_by":"","keeper_unknown":"","weight":2,"forwarding":"dr","active_connections":0,"inactive_connections":6,"asked_by":"http","outcome":"unanswered","status":null,"detail":"","not_seen":"asked on its own address: whether it answers on the virtual one is not seen from here"}',1,37217650304,1795963353194740205,1,78742093696,1795963394719183597,1,78742093696,1795963394719183597,1,147808030336,1795963463785120493,1,'[]',0,0,'critical');
INSERT INTO "incidents" VALUES(2,'ipvs.drained_server_well','192.168.100.10:8080/192.168.100.21:8080','warning','resolved','192.168.100.21:8080 answers 400, but it was drained when it was dead (weight 2 before) and is still at weight 0: the others carry its share; put it back: ipvsadm -e -t 192.168.100.10:8080 -r 192.168.100.21:8080 -g -w 2','{"weight_before":2,"last_in_service":{"boot_id":"ee6ff342-e47b-42fc-bad2-3ef583a862f0","boottime_ns":68722544896,"wall_ns":1795963384699634925},"vip_here":true,"scheduler":"wrr","persistent_seconds":0,"kept_by":"","keeper_unknown":"","weight":0,"forwarding":"dr","active_connections":0,"inactive_connections":0,"asked_by":"http","outcome":"answered","status":400,"detail":"","not_seen":"asked on its own address: whether it answers on the virtual one is not seen from here"}',1,151170548608,1795963467147638509,1,212774768128,1795963528751858413,1,212774768128,1795963528751858413,1,223001071488,1795963538978161389,1,'[]',0,0,'warning');
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
INSERT INTO "journal" VALUES(1,0,'{"step":"ServerWeight","pool":"192.168.100.10:8080","server":"192.168.100.21:8080","forwarding":"dr","weight":0}','{"step":"ServerWeight","pool":"192.168.100.10:8080","server":"192.168.100.21:8080","forwarding":"dr","weight":2}','done','192.168.100.21:8080 in 192.168.100.10:8080 has weight 0',1,112204461568,1795963428181551597,1,112527820928,1795963428504911085);
INSERT INTO "journal" VALUES(2,0,'{"step":"ServerWeight","pool":"192.168.100.10:8080","server":"192.168.100.21:8080","forwarding":"dr","weight":2}','{"step":"ServerWeight","pool":"192.168.100.10:8080","server":"192.168.100.21:8080","forwarding":"dr","weight":0}','done','192.168.100.21:8080 in 192.168.100.10:8080 has weight 2',1,216467077248,1795963532444167405,1,216777709440,1795963532754799597);
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
INSERT INTO "memories" VALUES(1,X'7B226E6F746564223A5B5D2C2266616C6C656E223A5B5D7D',1,225872803072,1795963541849893101);
INSERT INTO "memories" VALUES(2,X'7B226661696C75726573223A7B7D2C22726561736F6E73223A7B7D2C2270696E67223A22227D',1,225872803072,1795963541849893101);
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
INSERT INTO "metrics" VALUES(60,1,0,1,1795963325,2,3.0,3.0,6.0,3.0);
INSERT INTO "metrics" VALUES(60,1,0,2,1795963325,1,0.044783872,0.044783872,0.044783872,0.044783872);
INSERT INTO "metrics" VALUES(60,1,0,3,1795963325,2,8.203264000002263856e-03,9.64454400000036571327e-03,1.78478080000026295692e-02,8.203264000002263856e-03);
INSERT INTO "metrics" VALUES(60,1,0,4,1795963325,2,5.73414399999805368679e-03,1.28371200000003682362e-02,1.8571263999998421923e-02,5.73414399999805368679e-03);
INSERT INTO "metrics" VALUES(60,1,1,1,1795963394,1,3.0,3.0,3.0,3.0);
INSERT INTO "metrics" VALUES(60,1,1,3,1795963394,1,8.47155200000315744546e-03,8.47155200000315744546e-03,8.47155200000315744546e-03,8.47155200000315744546e-03);
INSERT INTO "metrics" VALUES(60,1,1,4,1795963394,1,7.98873600000149508559e-03,7.98873600000149508559e-03,7.98873600000149508559e-03,7.98873600000149508559e-03);
INSERT INTO "metrics" VALUES(60,1,2,1,1795963463,2,2.0,2.0,4.0,2.0);
INSERT INTO "metrics" VALUES(60,1,2,3,1795963463,2,0.00620006399998374,1.17439999999930932972e-02,1.79440639999768336565e-02,1.17439999999930932972e-02);
INSERT INTO "metrics" VALUES(60,1,2,4,1795963463,2,8.50739199998429285187e-03,1.52020480000203406234e-02,2.37094400000046334753e-02,1.52020480000203406234e-02);
INSERT INTO "metrics" VALUES(60,1,3,1,1795963528,3,2.0,3.0,8.0,3.0);
INSERT INTO "metrics" VALUES(60,1,3,2,1795963538,2,4.07347200000174325396e-02,4.11914239999759956845e-02,8.19261439999934282241e-02,4.07347200000174325396e-02);
INSERT INTO "metrics" VALUES(60,1,3,3,1795963528,3,8.80358399999181528983e-03,1.93500160000041887542e-02,3.7251072000003659923e-02,1.93500160000041887542e-02);
INSERT INTO "metrics" VALUES(60,1,3,4,1795963528,3,1.16904959999999391584e-02,2.02007039999898552196e-02,4.37964799999974729871e-02,2.02007039999898552196e-02);
INSERT INTO "metrics" VALUES(3600,1,0,1,1795963325,8,2.0,3.0,21.0,3.0);
INSERT INTO "metrics" VALUES(3600,1,0,2,1795963325,3,4.07347200000174325396e-02,0.044783872,1.26710015999993430568e-01,4.07347200000174325396e-02);
INSERT INTO "metrics" VALUES(3600,1,0,3,1795963325,8,0.00620006399998374,1.93500160000041887542e-02,8.15144959999862805943e-02,1.93500160000041887542e-02);
INSERT INTO "metrics" VALUES(3600,1,0,4,1795963325,8,5.73414399999805368679e-03,2.02007039999898552196e-02,9.4065920000002023471e-02,2.02007039999898552196e-02);
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
INSERT INTO "spans" VALUES(1,1,'ok','',1,9064321920,1795963325041411821,9064321920,1795963325041411821,1,0);
INSERT INTO "spans" VALUES(2,2,'ok','',1,9064321920,1795963325041411821,225872803072,1795963541849893101,8,69065936640);
INSERT INTO "spans" VALUES(3,1,'critical','',1,37217650304,1795963353194740205,78742093696,1795963394719183597,2,41524443392);
INSERT INTO "spans" VALUES(4,1,'ok','',1,147808030336,1795963463785120493,147808030336,1795963463785120493,1,0);
INSERT INTO "spans" VALUES(5,1,'warning','',1,151170548608,1795963467147638509,212774768128,1795963528751858413,2,61604219520);
INSERT INTO "spans" VALUES(6,1,'ok','',1,223001071488,1795963538978161389,225872803072,1795963541849893101,2,2871731584);
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
INSERT INTO "tracks" VALUES('ipvs.dead_server_in_pool','192.168.100.10:8080/192.168.100.21:8080','01100000',0);
INSERT INTO "tracks" VALUES('ipvs.drained_server_well','192.168.100.10:8080/192.168.100.21:8080','01100',0);
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
INSERT INTO "transitions" VALUES(1,1,1,37217650304,1795963353194740205,NULL,'pending','found; fires when it has lasted 30.0 s');
INSERT INTO "transitions" VALUES(2,1,1,78742093696,1795963394719183597,'pending','firing','still found after 30.0 s');
INSERT INTO "transitions" VALUES(3,1,1,147808030336,1795963463785120493,'firing','resolved','no longer found');
INSERT INTO "transitions" VALUES(4,2,1,151170548608,1795963467147638509,NULL,'pending','found; fires when it has lasted 60.0 s');
INSERT INTO "transitions" VALUES(5,2,1,212774768128,1795963528751858413,'pending','firing','still found after 60.0 s');
INSERT INTO "transitions" VALUES(6,2,1,223001071488,1795963538978161389,'firing','resolved','no longer found');
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
INSERT INTO "upkeep" VALUES(1,3,1,8366518528,1795963324343608557,1,9064321920,1795963325041411821,10,'3a3b3f9a7b4318dc9f8b7d964e3e1d15e47ae7942ed603b1cb03d36492fc13bb');
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
