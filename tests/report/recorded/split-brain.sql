-- now: fbc263fc-6c00-4657-b11f-9fbf496c9362 93443487360 1795963341601562764
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
INSERT INTO "attempts" VALUES(1,1,'vrrp_step_down','propose','healed','the check no longer finds the fault','{"summary":"stop keepalived here: 192.168.100.1 answers for 192.168.100.10 and wins the election (priority 150, ours 100)","steps":[{"step":"UnitAction","unit":"keepalived.service","action":"stop","again_on_undo":false}],"settle_seconds":17.218,"lasting":false,"note":"meanwhile nobody stands by: should the other machine fail, its addresses go down with it, until `systemctl start keepalived.service` here. A restart of this host starts it, too, and the split returns while its cause (the summary names it) lasts. Who had a connection through this host loses it.","healthy_left":1,"accepts":["service.down"],"undone_after_seconds":null}',1,39921624192,1795963288079681676,1,61590782976,1795963309748840588,'root (uid 0), by watchdog heal 1 --apply');
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
INSERT INTO "audit" VALUES(1,'begun',1,1,'{"remediation":"vrrp_step_down","mode":"propose","outcome":"running","reason":"","permission":"root (uid 0), by watchdog heal 1 --apply","plan":{"summary":"stop keepalived here: 192.168.100.1 answers for 192.168.100.10 and wins the election (priority 150, ours 100)","steps":[{"step":"UnitAction","unit":"keepalived.service","action":"stop","again_on_undo":false}],"settle_seconds":17.218,"lasting":false,"note":"meanwhile nobody stands by: should the other machine fail, its addresses go down with it, until `systemctl start keepalived.service` here. A restart of this host starts it, too, and the split returns while its cause (the summary names it) lasts. Who had a connection through this host loses it.","healthy_left":1,"accepts":["service.down"],"undone_after_seconds":null},"ended":null}','fbc263fc-6c00-4657-b11f-9fbf496c9362',39921624192,1795963288079681676,'e594d3182bf1e9e2e62d037bddbabebaee513db9dd8bc9cca57417eb85fc15dd');
INSERT INTO "audit" VALUES(2,'step',1,1,'{"seq":0,"step":{"step":"UnitAction","unit":"keepalived.service","action":"stop","again_on_undo":false},"undo":{"step":"UnitAction","unit":"keepalived.service","action":"start","again_on_undo":false},"state":"planned","output":""}','fbc263fc-6c00-4657-b11f-9fbf496c9362',40025669120,1795963288183726732,'f5ace844a67119faaefb9ee37112475d4087ade8837f42ac572aa4d2619ebdaa');
INSERT INTO "audit" VALUES(3,'step',1,1,'{"seq":0,"step":{"step":"UnitAction","unit":"keepalived.service","action":"stop","again_on_undo":false},"undo":{"step":"UnitAction","unit":"keepalived.service","action":"start","again_on_undo":false},"state":"done","output":"keepalived.service: stop done"}','fbc263fc-6c00-4657-b11f-9fbf496c9362',41375661312,1795963289533718668,'b0a0378bf3cb1ed7f2f10ff09ce8ac013e7d26d759084ed9e6faf5b62608939b');
INSERT INTO "audit" VALUES(4,'verified',1,1,'{"problem":""}','fbc263fc-6c00-4657-b11f-9fbf496c9362',61588336640,1795963309746394252,'285669b250c42bdbd622ed2b398a495398267926ffd557993125a6a3def8a17c');
INSERT INTO "audit" VALUES(5,'ended',1,1,'{"outcome":"healed","reason":"the check no longer finds the fault","ended":["fbc263fc-6c00-4657-b11f-9fbf496c9362",61590782976,1795963309748840588]}','fbc263fc-6c00-4657-b11f-9fbf496c9362',61590782976,1795963309748840588,'e24a1b012e0b13c18487a574c98c9a3b500dbe6445c118475f86bb529b084e30');
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
INSERT INTO "boots" VALUES(1,'fbc263fc-6c00-4657-b11f-9fbf496c9362','lab',18751852288,1795963266909909900,65971851264,1795963314129908620);
CREATE TABLE checks (
	id INTEGER NOT NULL, 
	name TEXT NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (name)
);
INSERT INTO "checks" VALUES(1,'vrrp');
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
INSERT INTO "configurations" VALUES(1,'','e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',1,20824659840,1795963268982717324);
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
INSERT INTO "incidents" VALUES(1,'vrrp.split_brain','eth0/vrid51','critical','resolved','this host and 192.168.100.1 are active for 192.168.100.10 at the same time: the stronger adverts of 192.168.100.1 (priority 150, ours 100) arrive on the wire and keepalived here does not heed them: this host''s own firewall drops them (nft list ruleset; iptables -S INPUT)','{"reasons":["dropped_here"],"owners":[{"machine":"this host","address":"192.168.100.2","mac":"","priority":100,"vrid":51},{"machine":"192.168.100.1","address":"192.168.100.1","mac":"76:0a:66:bd:5a:2b","priority":150,"vrid":51}],"winner":"192.168.100.1","vips":["192.168.100.10"],"firewall_rule":"","advice":"The summary says why they do not hear or take each other''s adverts: put that right on the machine it names (firewall: let protocol 112 to 224.0.0.18 and ff02::12 in). Until then run `systemctl stop keepalived` on this host: 192.168.100.1 wins the election (priority 150).","ours":{"interface":"eth0","instance":"VI","running":true,"address":"192.168.100.2","priority":100,"auth":"none","down_seconds":3.609,"part":"loses"},"rival":{"address":"192.168.100.1","macs":["00:00:5e:00:01:33","76:0a:66:bd:5a:2b"],"priority":150,"heard":true},"served":[{"address":"192.168.100.10","answered_by":["76:0a:66:bd:5a:2b"],"by_rival":true}],"others_here":[]}',1,28902690560,1795963277060748172,1,28902690560,1795963277060748172,1,28902690560,1795963277060748172,1,63054389504,1795963311212447116,1,'[]',0,0,'critical');
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
INSERT INTO "journal" VALUES(1,0,'{"step":"UnitAction","unit":"keepalived.service","action":"stop","again_on_undo":false}','{"step":"UnitAction","unit":"keepalived.service","action":"start","again_on_undo":false}','done','keepalived.service: stop done',1,40025669120,1795963288183726732,1,41375661312,1795963289533718668);
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
INSERT INTO "memories" VALUES(1,X'7B22726F7574657273223A5B7B22696E74657266616365223A2265746830222C2266616D696C79223A342C2276726964223A35312C22696E7374616E6365223A7B226E616D65223A225649222C227072696F72697479223A3130302C227465726D73223A7B2276657273696F6E223A322C22696E74657276616C5F7365636F6E6473223A312E302C2261757468223A226E6F6E65222C2270617373776F7264223A6E756C6C2C2264657374696E6174696F6E223A223232342E302E302E3138222C22616464726573736573223A5B223139322E3136382E3130302E3130225D7D2C2272756E6E696E67223A66616C73657D2C22737065616B657273223A5B5D2C2273656E74223A6E756C6C2C2276697073223A5B7B2261646472657373223A223139322E3136382E3130302E3130222C22696E74657266616365223A2265746830222C2268656C645F6F6E223A2265746830222C2268656C645F73696E63655F6E73223A6E756C6C2C2268656C645F756E74696C5F6E73223A6E756C6C2C2261736B65645F6E73223A5B5D2C22756E61736B6564223A22222C22616E7377657273223A5B5D2C226361636865645F6D6163223A22222C227472696564223A5B5D7D5D2C2265787065637465645F696E74657276616C5F7365636F6E6473223A312E302C227761735F74726F75626C6564223A66616C73652C227761735F73706C6974223A66616C73652C2273696C656E745F73696E63655F6E73223A6E756C6C7D5D2C226865617264223A5B5D2C2274726F75626C6564223A5B5D2C2273706C697473223A5B5D2C2272616E223A7B22626F6F745F6964223A2266626332363366632D366330302D343635372D623131662D396662663439366339333632222C22626F6F7474696D655F6E73223A32383732313530333734342C22696E5F74726F75626C65223A5B22657468302F767269643531225D7D2C226E6F746564223A5B5D7D',1,65971851264,1795963314129908620);
INSERT INTO "memories" VALUES(2,X'7B226661696C75726573223A7B7D2C22726561736F6E73223A7B7D2C2270696E67223A22227D',1,65971851264,1795963314129908620);
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
INSERT INTO "metrics" VALUES(60,1,0,1,1795963268,2,1.0,2.0,3.0,2.0);
INSERT INTO "metrics" VALUES(60,1,1,1,1795963311,2,1.0,1.0,2.0,1.0);
INSERT INTO "metrics" VALUES(3600,1,0,1,1795963268,4,1.0,2.0,5.0,1.0);
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
INSERT INTO "series" VALUES(1,1,'eth0/vrid51','active_machines');
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
INSERT INTO "spans" VALUES(1,1,'ok','',1,20799155968,1795963268957213580,20799155968,1795963268957213580,1,0);
INSERT INTO "spans" VALUES(2,2,'ok','',1,20799155968,1795963268957213580,65971851264,1795963314129908620,4,34151698944);
INSERT INTO "spans" VALUES(3,1,'critical','',1,28902690560,1795963277060748172,28902690560,1795963277060748172,1,0);
INSERT INTO "spans" VALUES(4,1,'ok','',1,63054389504,1795963311212447116,65971851264,1795963314129908620,2,2917461760);
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
INSERT INTO "tracks" VALUES('vrrp.split_brain','eth0/vrid51','0100',0);
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
INSERT INTO "transitions" VALUES(1,1,1,28902690560,1795963277060748172,NULL,'firing','found');
INSERT INTO "transitions" VALUES(2,1,1,63054389504,1795963311212447116,'firing','resolved','no longer found');
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
INSERT INTO "upkeep" VALUES(1,2,1,18751852288,1795963266909909900,1,20799155968,1795963268957213580,5,'e24a1b012e0b13c18487a574c98c9a3b500dbe6445c118475f86bb529b084e30');
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
