-- now: 16f2a0f8-d64c-4830-9134-30cf86161905 92313567155 1795963285848340821
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
INSERT INTO "attempts" VALUES(1,2,'disable_vmware_timesync','propose','closed','permitted, as try 5','{"summary":"switch VMware Tools'' periodic time sync off; ntpsec ntpd keeps the clock","steps":[{"step":"RunCommand","argv":["vmware-toolbox-cmd","timesync","disable"],"undo":[],"timeout_seconds":30.0}],"settle_seconds":5.0,"lasting":true,"note":"nothing takes this back by itself: its opposite, `vmware-toolbox-cmd timesync enable`, may set the clock back at once and is never run from here. One-off syncs (resume, snapshot, vMotion, tools start) stay as the VM''s own settings on the host say (time.synchronize.*), which no guest can read.","healthy_left":null,"accepts":[],"undone_after_seconds":null}',1,11012733696,1795963222547230281,1,64329401139,1795963257864155989,'');
INSERT INTO "attempts" VALUES(2,1,'forbid_ntp_step','propose','closed','permitted, as try 4','{"summary":"add -x to NTPD_OPTS in /etc/default/ntpsec, and restart ntpsec: it then sets the clock back only beyond 600 s","steps":[{"step":"WriteFile","path":"/etc/default/ntpsec","before":"NTPD_OPTS=\"-g -N\"\n\n# Set to \"yes\" to ignore DHCP servers returned by DHCP.\nIGNORE_DHCP=\"\"\n\n# If you use certbot to obtain a certificate for ntpd, provide its name here.\n# The ntpsec deploy hook for certbot will handle copying and permissioning the\n# certificate and key files.\nNTPSEC_CERTBOT_CERT_NAME=\"\"\n","after":"NTPD_OPTS=\"-g -N -x\"\n\n# Set to \"yes\" to ignore DHCP servers returned by DHCP.\nIGNORE_DHCP=\"\"\n\n# If you use certbot to obtain a certificate for ntpd, provide its name here.\n# The ntpsec deploy hook for certbot will handle copying and permissioning the\n# certificate and key files.\nNTPSEC_CERTBOT_CERT_NAME=\"\"\n","mode":420,"own":false},{"step":"UnitAction","unit":"ntpsec","action":"restart","again_on_undo":true}],"settle_seconds":10.0,"lasting":true,"note":"whoever is served time by this host waits for it some seconds","healthy_left":null,"accepts":["ntp_can_step.large_only","clock_sync.unsynchronised"],"undone_after_seconds":null}',1,21753054976,1795963215287809442,1,48991853568,1795963242526608290,'');
INSERT INTO "attempts" VALUES(3,5,'restart_service','propose','refused','restart_service: the clock may be set back at any time (ntp_can_step.unlimited), which would kill it again; heal that first','{"summary":"","steps":[],"settle_seconds":5.0,"lasting":true,"note":"","healthy_left":null,"accepts":[],"undone_after_seconds":null}',1,46973769088,1795963240508523938,1,46973769088,1795963240508523938,'root (uid 0), by watchdog heal 5 --apply');
INSERT INTO "attempts" VALUES(4,1,'forbid_ntp_step','auto','healed','the check no longer finds the fault; new beside it: ntp_can_step.large_only on ntpd','{"summary":"add -x to NTPD_OPTS in /etc/default/ntpsec, and restart ntpsec: it then sets the clock back only beyond 600 s","steps":[{"step":"WriteFile","path":"/etc/default/ntpsec","before":"NTPD_OPTS=\"-g -N\"\n\n# Set to \"yes\" to ignore DHCP servers returned by DHCP.\nIGNORE_DHCP=\"\"\n\n# If you use certbot to obtain a certificate for ntpd, provide its name here.\n# The ntpsec deploy hook for certbot will handle copying and permissioning the\n# certificate and key files.\nNTPSEC_CERTBOT_CERT_NAME=\"\"\n","after":"NTPD_OPTS=\"-g -N -x\"\n\n# Set to \"yes\" to ignore DHCP servers returned by DHCP.\nIGNORE_DHCP=\"\"\n\n# If you use certbot to obtain a certificate for ntpd, provide its name here.\n# The ntpsec deploy hook for certbot will handle copying and permissioning the\n# certificate and key files.\nNTPSEC_CERTBOT_CERT_NAME=\"\"\n","mode":420,"own":false},{"step":"UnitAction","unit":"ntpsec","action":"restart","again_on_undo":true}],"settle_seconds":10.0,"lasting":true,"note":"whoever is served time by this host waits for it some seconds","healthy_left":null,"accepts":["ntp_can_step.large_only","clock_sync.unsynchronised"],"undone_after_seconds":null}',1,48983131520,1795963242517886370,1,61879289267,1795963255414043989,'mode = "auto", /etc/watchdog/watchdog.toml line 7, sha256 4a089cfdd0b4c599c5e7382f0f8905cf77d908d7aaa1f8b0dfa51634275fbbd9');
INSERT INTO "attempts" VALUES(5,2,'disable_vmware_timesync','auto','healed','the check no longer finds the fault','{"summary":"switch VMware Tools'' periodic time sync off; ntpsec ntpd keeps the clock","steps":[{"step":"RunCommand","argv":["vmware-toolbox-cmd","timesync","disable"],"undo":[],"timeout_seconds":30.0}],"settle_seconds":5.0,"lasting":true,"note":"nothing takes this back by itself: its opposite, `vmware-toolbox-cmd timesync enable`, may set the clock back at once and is never run from here. One-off syncs (resume, snapshot, vMotion, tools start) stay as the VM''s own settings on the host say (time.synchronize.*), which no guest can read.","healthy_left":null,"accepts":[],"undone_after_seconds":null}',1,64320251571,1795963257855006549,1,69824737715,1795963263359492437,'mode = "auto", /etc/watchdog/watchdog.toml line 5, sha256 4a089cfdd0b4c599c5e7382f0f8905cf77d908d7aaa1f8b0dfa51634275fbbd9');
INSERT INTO "attempts" VALUES(6,6,'forbid_ntp_step','auto','refused','forbid_ntp_step: how = "slew" leaves steps beyond 600 s; set how = "stepback" or "never" to forbid those too','{"summary":"","steps":[],"settle_seconds":5.0,"lasting":true,"note":"","healthy_left":null,"accepts":[],"undone_after_seconds":null}',1,72247774131,1795963265782529109,1,72247774131,1795963265782529109,'');
INSERT INTO "attempts" VALUES(7,5,'restart_service','auto','refused','restart_service: the clock was stepped 50.7 s ago; it counts as steady after 30 min (steady_for)','{"summary":"","steps":[],"settle_seconds":5.0,"lasting":true,"note":"","healthy_left":null,"accepts":[],"undone_after_seconds":null}',1,72461931571,1795963265996686421,1,72461931571,1795963265996686421,'');
INSERT INTO "attempts" VALUES(8,5,'restart_service','auto','healed','the check no longer finds the fault','{"summary":"start dovecot.service again: it crashed, and the clock is steady","steps":[{"step":"UnitAction","unit":"dovecot.service","action":"start","again_on_undo":false}],"settle_seconds":10.0,"lasting":true,"note":"","healthy_left":null,"accepts":[],"undone_after_seconds":null}',1,77433611187,1795963270968365909,1,88841606451,1795963282376361045,'mode = "auto", /etc/watchdog/watchdog.toml line 9, sha256 34e6bb174cdb614e4fd3ea0b2c57236d6472aa6e5f582feadb51b683503e98cf');
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
INSERT INTO "audit" VALUES(1,'proposed',1,2,'{"remediation":"disable_vmware_timesync","mode":"propose","outcome":"proposed","reason":"","permission":"","plan":{"summary":"switch VMware Tools'' periodic time sync off; ntpsec ntpd keeps the clock","steps":[{"step":"RunCommand","argv":["vmware-toolbox-cmd","timesync","disable"],"undo":[],"timeout_seconds":30.0}],"settle_seconds":5.0,"lasting":true,"note":"nothing takes this back by itself: its opposite, `vmware-toolbox-cmd timesync enable`, may set the clock back at once and is never run from here. One-off syncs (resume, snapshot, vMotion, tools start) stay as the VM''s own settings on the host say (time.synchronize.*), which no guest can read.","healthy_left":null,"accepts":[],"undone_after_seconds":null},"ended":null}','16f2a0f8-d64c-4830-9134-30cf86161905',11012733696,1795963222547230281,'b21287b0c8ceb398aba2600547a237d2cbed30ff11a9cdd1c2d46737541aba13');
INSERT INTO "audit" VALUES(2,'proposed',2,1,'{"remediation":"forbid_ntp_step","mode":"propose","outcome":"proposed","reason":"","permission":"","plan":{"summary":"add -x to NTPD_OPTS in /etc/default/ntpsec, and restart ntpsec: it then sets the clock back only beyond 600 s","steps":[{"step":"WriteFile","path":"/etc/default/ntpsec","before":"NTPD_OPTS=\"-g -N\"\n\n# Set to \"yes\" to ignore DHCP servers returned by DHCP.\nIGNORE_DHCP=\"\"\n\n# If you use certbot to obtain a certificate for ntpd, provide its name here.\n# The ntpsec deploy hook for certbot will handle copying and permissioning the\n# certificate and key files.\nNTPSEC_CERTBOT_CERT_NAME=\"\"\n","after":"NTPD_OPTS=\"-g -N -x\"\n\n# Set to \"yes\" to ignore DHCP servers returned by DHCP.\nIGNORE_DHCP=\"\"\n\n# If you use certbot to obtain a certificate for ntpd, provide its name here.\n# The ntpsec deploy hook for certbot will handle copying and permissioning the\n# certificate and key files.\nNTPSEC_CERTBOT_CERT_NAME=\"\"\n","mode":420,"own":false},{"step":"UnitAction","unit":"ntpsec","action":"restart","again_on_undo":true}],"settle_seconds":10.0,"lasting":true,"note":"whoever is served time by this host waits for it some seconds","healthy_left":null,"accepts":["ntp_can_step.large_only","clock_sync.unsynchronised"],"undone_after_seconds":null},"ended":null}','16f2a0f8-d64c-4830-9134-30cf86161905',21753054976,1795963215287809442,'b85a87c7e512e16f771e90e14705c7eec308cfcfb69ceefdacd5b7fb9856d22f');
INSERT INTO "audit" VALUES(3,'refused',3,5,'{"remediation":"restart_service","mode":"propose","outcome":"refused","reason":"restart_service: the clock may be set back at any time (ntp_can_step.unlimited), which would kill it again; heal that first","permission":"root (uid 0), by watchdog heal 5 --apply","plan":{"summary":"","steps":[],"settle_seconds":5.0,"lasting":true,"note":"","healthy_left":null,"accepts":[],"undone_after_seconds":null},"ended":["16f2a0f8-d64c-4830-9134-30cf86161905",46973769088,1795963240508523938]}','16f2a0f8-d64c-4830-9134-30cf86161905',46973769088,1795963240508523938,'ec252550672bf200e50279016641a7b450dc863072a530ad6281c9ca1faafccd');
INSERT INTO "audit" VALUES(4,'begun',4,1,'{"remediation":"forbid_ntp_step","mode":"auto","outcome":"running","reason":"","permission":"mode = \"auto\", /etc/watchdog/watchdog.toml line 7, sha256 4a089cfdd0b4c599c5e7382f0f8905cf77d908d7aaa1f8b0dfa51634275fbbd9","plan":{"summary":"add -x to NTPD_OPTS in /etc/default/ntpsec, and restart ntpsec: it then sets the clock back only beyond 600 s","steps":[{"step":"WriteFile","path":"/etc/default/ntpsec","before":"NTPD_OPTS=\"-g -N\"\n\n# Set to \"yes\" to ignore DHCP servers returned by DHCP.\nIGNORE_DHCP=\"\"\n\n# If you use certbot to obtain a certificate for ntpd, provide its name here.\n# The ntpsec deploy hook for certbot will handle copying and permissioning the\n# certificate and key files.\nNTPSEC_CERTBOT_CERT_NAME=\"\"\n","after":"NTPD_OPTS=\"-g -N -x\"\n\n# Set to \"yes\" to ignore DHCP servers returned by DHCP.\nIGNORE_DHCP=\"\"\n\n# If you use certbot to obtain a certificate for ntpd, provide its name here.\n# The ntpsec deploy hook for certbot will handle copying and permissioning the\n# certificate and key files.\nNTPSEC_CERTBOT_CERT_NAME=\"\"\n","mode":420,"own":false},{"step":"UnitAction","unit":"ntpsec","action":"restart","again_on_undo":true}],"settle_seconds":10.0,"lasting":true,"note":"whoever is served time by this host waits for it some seconds","healthy_left":null,"accepts":["ntp_can_step.large_only","clock_sync.unsynchronised"],"undone_after_seconds":null},"ended":null}','16f2a0f8-d64c-4830-9134-30cf86161905',48983131520,1795963242517886370,'0465903a190217e1c5a884962935eeeffe3c3657ac663ee2032747d19829ad9f');
INSERT INTO "audit" VALUES(5,'closed',2,1,'{"outcome":"closed","reason":"permitted, as try 4","ended":["16f2a0f8-d64c-4830-9134-30cf86161905",48991853568,1795963242526608290]}','16f2a0f8-d64c-4830-9134-30cf86161905',48991853568,1795963242526608290,'23ec95c72bbcd177f7d887755a22c4649326a828573651bd672bfc8cbe5cd49b');
INSERT INTO "audit" VALUES(6,'step',4,1,'{"seq":0,"step":{"step":"WriteFile","path":"/etc/default/ntpsec","before":"NTPD_OPTS=\"-g -N\"\n\n# Set to \"yes\" to ignore DHCP servers returned by DHCP.\nIGNORE_DHCP=\"\"\n\n# If you use certbot to obtain a certificate for ntpd, provide its name here.\n# The ntpsec deploy hook for certbot will handle copying and permissioning the\n# certificate and key files.\nNTPSEC_CERTBOT_CERT_NAME=\"\"\n","after":"NTPD_OPTS=\"-g -N -x\"\n\n# Set to \"yes\" to ignore DHCP servers returned by DHCP.\nIGNORE_DHCP=\"\"\n\n# If you use certbot to obtain a certificate for ntpd, provide its name here.\n# The ntpsec deploy hook for certbot will handle copying and permissioning the\n# certificate and key files.\nNTPSEC_CERTBOT_CERT_NAME=\"\"\n","mode":420,"own":false},"undo":{"step":"WriteFile","path":"/etc/default/ntpsec","before":"NTPD_OPTS=\"-g -N -x\"\n\n# Set to \"yes\" to ignore DHCP servers returned by DHCP.\nIGNORE_DHCP=\"\"\n\n# If you use certbot to obtain a certificate for ntpd, provide its name here.\n# The ntpsec deploy hook for certbot will handle copying and permissioning the\n# certificate and key files.\nNTPSEC_CERTBOT_CERT_NAME=\"\"\n","after":"NTPD_OPTS=\"-g -N\"\n\n# Set to \"yes\" to ignore DHCP servers returned by DHCP.\nIGNORE_DHCP=\"\"\n\n# If you use certbot to obtain a certificate for ntpd, provide its name here.\n# The ntpsec deploy hook for certbot will handle copying and permissioning the\n# certificate and key files.\nNTPSEC_CERTBOT_CERT_NAME=\"\"\n","mode":420,"own":false},"state":"planned","output":""}','16f2a0f8-d64c-4830-9134-30cf86161905',48996640384,1795963242531394978,'862e5a5a290ef0f983fe188d892e7a2e807f8894a2537a9de4d93665f717a836');
INSERT INTO "audit" VALUES(7,'step',4,1,'{"seq":0,"step":{"step":"WriteFile","path":"/etc/default/ntpsec","before":"NTPD_OPTS=\"-g -N\"\n\n# Set to \"yes\" to ignore DHCP servers returned by DHCP.\nIGNORE_DHCP=\"\"\n\n# If you use certbot to obtain a certificate for ntpd, provide its name here.\n# The ntpsec deploy hook for certbot will handle copying and permissioning the\n# certificate and key files.\nNTPSEC_CERTBOT_CERT_NAME=\"\"\n","after":"NTPD_OPTS=\"-g -N -x\"\n\n# Set to \"yes\" to ignore DHCP servers returned by DHCP.\nIGNORE_DHCP=\"\"\n\n# If you use certbot to obtain a certificate for ntpd, provide its name here.\n# The ntpsec deploy hook for certbot will handle copying and permissioning the\n# certificate and key files.\nNTPSEC_CERTBOT_CERT_NAME=\"\"\n","mode":420,"own":false},"undo":{"step":"WriteFile","path":"/etc/default/ntpsec","before":"NTPD_OPTS=\"-g -N -x\"\n\n# Set to \"yes\" to ignore DHCP servers returned by DHCP.\nIGNORE_DHCP=\"\"\n\n# If you use certbot to obtain a certificate for ntpd, provide its name here.\n# The ntpsec deploy hook for certbot will handle copying and permissioning the\n# certificate and key files.\nNTPSEC_CERTBOT_CERT_NAME=\"\"\n","after":"NTPD_OPTS=\"-g -N\"\n\n# Set to \"yes\" to ignore DHCP servers returned by DHCP.\nIGNORE_DHCP=\"\"\n\n# If you use certbot to obtain a certificate for ntpd, provide its name here.\n# The ntpsec deploy hook for certbot will handle copying and permissioning the\n# certificate and key files.\nNTPSEC_CERTBOT_CERT_NAME=\"\"\n","mode":420,"own":false},"state":"done","output":"wrote /etc/default/ntpsec"}','16f2a0f8-d64c-4830-9134-30cf86161905',49004126080,1795963242538880930,'9c83fc6c76ae72211b5641fc5c7ca371fdc8f7711f2721646bee1e2bc65c7cd5');
INSERT INTO "audit" VALUES(8,'step',4,1,'{"seq":1,"step":{"step":"UnitAction","unit":"ntpsec","action":"restart","again_on_undo":true},"undo":{"step":"UnitAction","unit":"ntpsec","action":"restart","again_on_undo":true},"state":"planned","output":""}','16f2a0f8-d64c-4830-9134-30cf86161905',49007039488,1795963242541794210,'0e11e6538e4a4a54fb69faba19954e82134c3665d599e776ee2f5e616fad9332');
INSERT INTO "audit" VALUES(9,'step',4,1,'{"seq":1,"step":{"step":"UnitAction","unit":"ntpsec","action":"restart","again_on_undo":true},"undo":{"step":"UnitAction","unit":"ntpsec","action":"restart","again_on_undo":true},"state":"done","output":"ntpsec: restart done"}','16f2a0f8-d64c-4830-9134-30cf86161905',51498826752,1795963245033581474,'4c5889e8a66ec7f352f1521ff643e38892a4e07d0cc820de4f8a6ae8d3e7ba6c');
INSERT INTO "audit" VALUES(10,'verified',4,1,'{"problem":""}','16f2a0f8-d64c-4830-9134-30cf86161905',61877001011,1795963255411755605,'c4c15dd4f6fbcb595f49ece569eb158d5d079033a57d086897926921cf7a9cf1');
INSERT INTO "audit" VALUES(11,'ended',4,1,'{"outcome":"healed","reason":"the check no longer finds the fault; new beside it: ntp_can_step.large_only on ntpd","ended":["16f2a0f8-d64c-4830-9134-30cf86161905",61879289267,1795963255414043989]}','16f2a0f8-d64c-4830-9134-30cf86161905',61879289267,1795963255414043989,'d5e720083da0ed5a5f5b32633b373c0feeef6e48a34d0522e0df4ac1aa3c5959');
INSERT INTO "audit" VALUES(12,'begun',5,2,'{"remediation":"disable_vmware_timesync","mode":"auto","outcome":"running","reason":"","permission":"mode = \"auto\", /etc/watchdog/watchdog.toml line 5, sha256 4a089cfdd0b4c599c5e7382f0f8905cf77d908d7aaa1f8b0dfa51634275fbbd9","plan":{"summary":"switch VMware Tools'' periodic time sync off; ntpsec ntpd keeps the clock","steps":[{"step":"RunCommand","argv":["vmware-toolbox-cmd","timesync","disable"],"undo":[],"timeout_seconds":30.0}],"settle_seconds":5.0,"lasting":true,"note":"nothing takes this back by itself: its opposite, `vmware-toolbox-cmd timesync enable`, may set the clock back at once and is never run from here. One-off syncs (resume, snapshot, vMotion, tools start) stay as the VM''s own settings on the host say (time.synchronize.*), which no guest can read.","healthy_left":null,"accepts":[],"undone_after_seconds":null},"ended":null}','16f2a0f8-d64c-4830-9134-30cf86161905',64320251571,1795963257855006549,'55532495cdcec9ab57f7e54d2f2b8738e6f8785cf55de4aaf985a582d9410d4c');
INSERT INTO "audit" VALUES(13,'closed',1,2,'{"outcome":"closed","reason":"permitted, as try 5","ended":["16f2a0f8-d64c-4830-9134-30cf86161905",64329401139,1795963257864155989]}','16f2a0f8-d64c-4830-9134-30cf86161905',64329401139,1795963257864155989,'5fb40e273d62408e4b645d243b22c9bbc916109bc52e01f8108121a61e014808');
INSERT INTO "audit" VALUES(14,'step',5,2,'{"seq":0,"step":{"step":"RunCommand","argv":["vmware-toolbox-cmd","timesync","disable"],"undo":[],"timeout_seconds":30.0},"undo":null,"state":"planned","output":""}','16f2a0f8-d64c-4830-9134-30cf86161905',64332889651,1795963257867644501,'230d2fcd4a25789ddfd2d3b112c58a11f464e8af4d627b77c604e1b1b8438058');
INSERT INTO "audit" VALUES(15,'step',5,2,'{"seq":0,"step":{"step":"RunCommand","argv":["vmware-toolbox-cmd","timesync","disable"],"undo":[],"timeout_seconds":30.0},"undo":null,"state":"done","output":"Disabled"}','16f2a0f8-d64c-4830-9134-30cf86161905',64377069491,1795963257911824213,'4998fa3c83d9a46d83ceb200a086492593b885d34b78cd7601ef7ad9825c3604');
INSERT INTO "audit" VALUES(16,'verified',5,2,'{"problem":""}','16f2a0f8-d64c-4830-9134-30cf86161905',69822504499,1795963263357259093,'199baf7f54bee7dbffa9ae2e29a3c60aad0390690f348c2cea11c3dda06d737e');
INSERT INTO "audit" VALUES(17,'ended',5,2,'{"outcome":"healed","reason":"the check no longer finds the fault","ended":["16f2a0f8-d64c-4830-9134-30cf86161905",69824737715,1795963263359492437]}','16f2a0f8-d64c-4830-9134-30cf86161905',69824737715,1795963263359492437,'840c2d3cadd5a21e6addddc2a58078d8776e26a6132546e6570ff02ccd97b78e');
INSERT INTO "audit" VALUES(18,'refused',6,6,'{"remediation":"forbid_ntp_step","mode":"auto","outcome":"refused","reason":"forbid_ntp_step: how = \"slew\" leaves steps beyond 600 s; set how = \"stepback\" or \"never\" to forbid those too","permission":"","plan":{"summary":"","steps":[],"settle_seconds":5.0,"lasting":true,"note":"","healthy_left":null,"accepts":[],"undone_after_seconds":null},"ended":["16f2a0f8-d64c-4830-9134-30cf86161905",72247774131,1795963265782529109]}','16f2a0f8-d64c-4830-9134-30cf86161905',72247774131,1795963265782529109,'08279281ed16836061f5ae8227154c84db70f0c225a405d4fb8b7a5324f5b7f7');
INSERT INTO "audit" VALUES(19,'refused',7,5,'{"remediation":"restart_service","mode":"auto","outcome":"refused","reason":"restart_service: the clock was stepped 50.7 s ago; it counts as steady after 30 min (steady_for)","permission":"","plan":{"summary":"","steps":[],"settle_seconds":5.0,"lasting":true,"note":"","healthy_left":null,"accepts":[],"undone_after_seconds":null},"ended":["16f2a0f8-d64c-4830-9134-30cf86161905",72461931571,1795963265996686421]}','16f2a0f8-d64c-4830-9134-30cf86161905',72461931571,1795963265996686421,'5df4e8b06459c49dc161b4479f92e199f286a28dfec08556105fa034b22dc466');
INSERT INTO "audit" VALUES(20,'begun',8,5,'{"remediation":"restart_service","mode":"auto","outcome":"running","reason":"","permission":"mode = \"auto\", /etc/watchdog/watchdog.toml line 9, sha256 34e6bb174cdb614e4fd3ea0b2c57236d6472aa6e5f582feadb51b683503e98cf","plan":{"summary":"start dovecot.service again: it crashed, and the clock is steady","steps":[{"step":"UnitAction","unit":"dovecot.service","action":"start","again_on_undo":false}],"settle_seconds":10.0,"lasting":true,"note":"","healthy_left":null,"accepts":[],"undone_after_seconds":null},"ended":null}','16f2a0f8-d64c-4830-9134-30cf86161905',77433611187,1795963270968365909,'6315ee8daacba91efbabadca901e8f7b10af10ea7642012cbf4ef23e4f781fea');
INSERT INTO "audit" VALUES(21,'step',8,5,'{"seq":0,"step":{"step":"UnitAction","unit":"dovecot.service","action":"start","again_on_undo":false},"undo":{"step":"UnitAction","unit":"dovecot.service","action":"stop","again_on_undo":false},"state":"planned","output":""}','16f2a0f8-d64c-4830-9134-30cf86161905',77649665843,1795963271184420693,'8c8805e0b58fbcd8d5d4483ccc5013257ac21281d0a81b484b22f11b03f99152');
INSERT INTO "audit" VALUES(22,'step',8,5,'{"seq":0,"step":{"step":"UnitAction","unit":"dovecot.service","action":"start","again_on_undo":false},"undo":{"step":"UnitAction","unit":"dovecot.service","action":"stop","again_on_undo":false},"state":"done","output":"dovecot.service: start done"}','16f2a0f8-d64c-4830-9134-30cf86161905',78422740403,1795963271957495125,'86c34074202176be89a56e156b6c3c068ac073e8acf9a1f309c83d176ae7973f');
INSERT INTO "audit" VALUES(23,'verified',8,5,'{"problem":""}','16f2a0f8-d64c-4830-9134-30cf86161905',88838872627,1795963282373627221,'f4a488f4a10fd5fa5bcb99c38acf8a2c32c461222716736d0e1777c6f34d7e10');
INSERT INTO "audit" VALUES(24,'ended',8,5,'{"outcome":"healed","reason":"the check no longer finds the fault","ended":["16f2a0f8-d64c-4830-9134-30cf86161905",88841606451,1795963282376361045]}','16f2a0f8-d64c-4830-9134-30cf86161905',88841606451,1795963282376361045,'1aed88164295eb239a068d22867856c3dc1a74a95a28086ecdd7c722fc2c351b');
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
INSERT INTO "boots" VALUES(1,'16f2a0f8-d64c-4830-9134-30cf86161905','lab',6104241920,1795963217638738505,91304430515,1795963284839185493);
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
INSERT INTO "configurations" VALUES(1,'/etc/watchdog/watchdog.toml','e224c8d692dca20f1c6a4cde654ff22f7e861edbe7c8a209031c83ef5d7080bd',1,11009341056,1795963222543837769);
INSERT INTO "configurations" VALUES(2,'/etc/watchdog/watchdog.toml','4a089cfdd0b4c599c5e7382f0f8905cf77d908d7aaa1f8b0dfa51634275fbbd9',1,48864775936,1795963242399530914);
INSERT INTO "configurations" VALUES(3,'/etc/watchdog/watchdog.toml','34e6bb174cdb614e4fd3ea0b2c57236d6472aa6e5f582feadb51b683503e98cf',1,77165266995,1795963270700021589);
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
INSERT INTO "incidents" VALUES(1,'ntp_can_step.unlimited','ntpd','warning','resolved','ntpsec ntpd may set the clock back at any time when it is off by more than 0.128 s (neither -x nor a `tinker step` line, so the threshold is 0.128 s); programs that order by the wall clock stall, misorder or kill themselves (Dovecot beyond 5 s)','{"advice":"add -x to NTPD_OPTS in /etc/default/ntpsec, then systemctl restart ntpsec: it then steps only beyond 600 s; `tinker step 0` in /etc/ntpsec/ntp.conf forbids even that","program":"ntpsec ntpd","pids":[778],"argv":["/usr/sbin/ntpd","-p","/run/ntpd.pid","-c","/etc/ntpsec/ntp.conf","-g","-N","-u","ntpsec:ntpsec"],"config_path":"/etc/ntpsec/ntp.conf","config_files":["/etc/ntpsec/ntp.conf","/etc/ntpsec/ntp.d"],"config_newer_than_process":true,"restart_pending":false,"back_beyond_seconds":0.128,"forward_beyond_seconds":0.128,"start_beyond_seconds":null,"overridden":[],"because":"neither -x nor a `tinker step` line, so the threshold is 0.128 s","fragile_running":[],"not_seen":"what chronyc makestep or ntpq :config changed at run time"}',1,10978178816,1795963222512675401,1,48832457984,1795963242367212706,1,10978178816,1795963222512675401,1,62188614195,1795963255723369045,1,'[]',0,0,'critical');
INSERT INTO "incidents" VALUES(2,'vmware_timesync.enabled','vmware-tools','warning','resolved','VMware Tools time sync is on (vmware-toolbox-cmd: Enabled): every minute it may set this clock ahead to the host''s, and on resume, snapshot or vMotion back, against any NTP daemon; run: vmware-toolbox-cmd timesync disable','{"tool_exit_code":0,"tool_said":"Enabled","tools_version":"12.2.0.41219 (build-21223074)","tools_conf_disables":"","on_vmware_because":"DMI product_name is VMware20,1","host_settings_not_visible_from_a_guest":["tools.syncTime","time.synchronize.allow","time.synchronize.continue","time.synchronize.restore","time.synchronize.resume.disk","time.synchronize.resume.host","time.synchronize.shrink","time.synchronize.tools.startup","time.synchronize.tools.enable"]}',1,10978178816,1795963222512675401,1,64220678963,1795963257755433557,1,10978178816,1795963222512675401,1,70131097523,1795963263665852245,1,'[]',0,0,'warning');
INSERT INTO "incidents" VALUES(3,'clock_step.backward','clock','critical','firing','clock went back 18.0 s within the last 14.6 s, now 2026-11-29T14:40:14.804Z (alert at 0.5 s); beyond 5.0 s Dovecot kills its sessions and databases may refuse to go on; likely ntpd: "CLOCK: time stepped by -17.999724"','{"step_seconds":-17.999741735,"wall_before_step":"2026-11-29T14:40:32.804Z","wall_after_step":"2026-11-29T14:40:14.804Z","window_seconds":14.642180992,"window_begins_boottime_seconds":6.62739264,"window_ends_boottime_seconds":21.269573632,"suspended_seconds":0.0,"boot_id":"16f2a0f8-d64c-4830-9134-30cf86161905","leap_second":false,"author":"likely ntpd: \"CLOCK: time stepped by -17.999724\"","author_programs":["ntpd"],"author_lines":["Nov 29 14:40:12 lab daemon.warn ntpd[778]: CLOCK: time stepped by -17.999724"],"noticed_lines":[],"able_to_step":["ntpd (pid 778)"],"logs_not_read":{},"likely_causes":["ntp_can_step.unlimited","ntp_can_step.large_only","ntp_can_step.startup_only"],"ruled_out_causes":["ntp_can_step.large_only","ntp_can_step.startup_only"]}',1,21712993536,1795963215247748514,1,21712993536,1795963215247748514,1,21712993536,1795963215247748514,NULL,NULL,NULL,1,'[1,2]',0,0,'critical');
INSERT INTO "incidents" VALUES(4,'service.killed_by_clock_step','dovecot.service','critical','firing','Dovecot killed 1 of its own processes (imap): the clock went back by at least 16.0 s; it logged: "Nov 29 14:40:13 imap(783): Fatal: Time just moved backwards by 15.997243 seconds"','{"shown_by":"log","line":"Nov 29 14:40:13 imap(783): Fatal: Time just moved backwards by 15.997243 seconds. This might cause a lot of problems, so I''ll just kill myself now. http://wiki2.dovecot.org/TimeMovedBackwards","killed_processes":1,"sleeping_processes":0,"refuses_seconds":0.0,"moved_seconds":15.997243,"moved_seconds_remark":"counted from the process''s last known time, so less than the step itself"}',1,21712993536,1795963215247748514,1,21712993536,1795963215247748514,1,21712993536,1795963215247748514,NULL,NULL,NULL,1,'[3]',1,0,NULL);
INSERT INTO "incidents" VALUES(5,'service.down','dovecot.service','critical','resolved','dovecot.service must run and does not: no process runs /usr/sbin/dovecot','{"restarts":0,"crashed":true}',1,21712993536,1795963215247748514,1,77135058227,1795963270669812821,1,43727387136,1795963237262142114,1,89172977971,1795963282707732821,1,'[4]',0,0,NULL);
INSERT INTO "incidents" VALUES(6,'ntp_can_step.large_only','ntpd','warning','firing','ntpsec ntpd may set the clock back at any time when it is off by more than 600 s (-x raises the threshold to 600 s, no more)','{"advice":"put `tinker step 0` into /etc/ntpsec/ntp.conf, then systemctl restart ntpsec: it then slews, about 2000 s for each second of offset, and never steps","program":"ntpsec ntpd","pids":[982],"argv":["/usr/sbin/ntpd","-p","/run/ntpd.pid","-c","/etc/ntpsec/ntp.conf","-g","-N","-x","-u","ntpsec:ntpsec"],"config_path":"/etc/ntpsec/ntp.conf","config_files":["/etc/ntpsec/ntp.conf","/etc/ntpsec/ntp.d"],"config_newer_than_process":false,"restart_pending":false,"back_beyond_seconds":600.0,"forward_beyond_seconds":600.0,"start_beyond_seconds":null,"overridden":[],"because":"-x raises the threshold to 600 s, no more","fragile_running":["dovecot"],"not_seen":"what chronyc makestep or ntpq :config changed at run time"}',1,62188614195,1795963255723369045,1,91304430515,1795963284839185493,1,62188614195,1795963255723369045,NULL,NULL,NULL,1,'[]',0,0,'warning');
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
INSERT INTO "journal" VALUES(4,0,'{"step":"WriteFile","path":"/etc/default/ntpsec","before":"NTPD_OPTS=\"-g -N\"\n\n# Set to \"yes\" to ignore DHCP servers returned by DHCP.\nIGNORE_DHCP=\"\"\n\n# If you use certbot to obtain a certificate for ntpd, provide its name here.\n# The ntpsec deploy hook for certbot will handle copying and permissioning the\n# certificate and key files.\nNTPSEC_CERTBOT_CERT_NAME=\"\"\n","after":"NTPD_OPTS=\"-g -N -x\"\n\n# Set to \"yes\" to ignore DHCP servers returned by DHCP.\nIGNORE_DHCP=\"\"\n\n# If you use certbot to obtain a certificate for ntpd, provide its name here.\n# The ntpsec deploy hook for certbot will handle copying and permissioning the\n# certificate and key files.\nNTPSEC_CERTBOT_CERT_NAME=\"\"\n","mode":420,"own":false}','{"step":"WriteFile","path":"/etc/default/ntpsec","before":"NTPD_OPTS=\"-g -N -x\"\n\n# Set to \"yes\" to ignore DHCP servers returned by DHCP.\nIGNORE_DHCP=\"\"\n\n# If you use certbot to obtain a certificate for ntpd, provide its name here.\n# The ntpsec deploy hook for certbot will handle copying and permissioning the\n# certificate and key files.\nNTPSEC_CERTBOT_CERT_NAME=\"\"\n","after":"NTPD_OPTS=\"-g -N\"\n\n# Set to \"yes\" to ignore DHCP servers returned by DHCP.\nIGNORE_DHCP=\"\"\n\n# If you use certbot to obtain a certificate for ntpd, provide its name here.\n# The ntpsec deploy hook for certbot will handle copying and permissioning the\n# certificate and key files.\nNTPSEC_CERTBOT_CERT_NAME=\"\"\n","mode":420,"own":false}','done','wrote /etc/default/ntpsec',1,48996640384,1795963242531394978,1,49004126080,1795963242538880930);
INSERT INTO "journal" VALUES(4,1,'{"step":"UnitAction","unit":"ntpsec","action":"restart","again_on_undo":true}','{"step":"UnitAction","unit":"ntpsec","action":"restart","again_on_undo":true}','done','ntpsec: restart done',1,49007039488,1795963242541794210,1,51498826752,1795963245033581474);
INSERT INTO "journal" VALUES(5,0,'{"step":"RunCommand","argv":["vmware-toolbox-cmd","timesync","disable"],"undo":[],"timeout_seconds":30.0}',NULL,'done','Disabled',1,64332889651,1795963257867644501,1,64377069491,1795963257911824213);
INSERT INTO "journal" VALUES(8,0,'{"step":"UnitAction","unit":"dovecot.service","action":"start","again_on_undo":false}','{"step":"UnitAction","unit":"dovecot.service","action":"stop","again_on_undo":false}','done','dovecot.service: start done',1,77649665843,1795963271184420693,1,78422740403,1795963271957495125);
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
INSERT INTO "memories" VALUES(2,X'7B22626F6F745F6964223A2231366632613066382D643634632D343833302D393133342D333063663836313631393035222C22626F6F7474696D655F6E73223A39303930363034313737392C2277616C6C5F6E73223A313739353936333238343434303739363735372C2273757370656E6465645F7365636F6E6473223A2D302E3030303031343834373939393939323138343636382C226C6F67223A7B226D61726B73223A7B226A6F75726E616C223A7B22626F6F745F6964223A223136663261306638643634633438333039313334333063663836313631393035222C226D6F6E6F746F6E69635F7573223A39303930343833377D2C222F7661722F6C6F672F7379736C6F67223A7B22696E6F6465223A322C22686561645F637263223A313434333835343531302C226F6666736574223A343335357D2C222F7661722F6C6F672F6D65737361676573223A7B7D2C222F7661722F6C6F672F6D61696C2E6C6F67223A7B7D2C222F7661722F6C6F672F6D61696C6C6F67223A7B7D2C222F7661722F6C6F672F6461656D6F6E2E6C6F67223A7B7D2C222F7661722F6C6F672F6E74702E6C6F67223A7B7D2C222F7661722F6C6F672F6E7470642E6C6F67223A7B7D2C222F7661722F6C6F672F6E74707365632F6E7470642E6C6F67223A7B7D2C222F7661722F6C6F672F6368726F6E792F6368726F6E79642E6C6F67223A7B7D2C222F7661722F6C6F672F766D776172652D766D7376632D726F6F742E6C6F67223A7B7D2C222F7661722F6C6F672F766D776172652D766D7376632E6C6F67223A7B7D7D7D2C226F776564223A6E756C6C7D',1,91304430515,1795963284839185493);
INSERT INTO "memories" VALUES(3,X'7B22626F6F745F6964223A2231366632613066382D643634632D343833302D393133342D333063663836313631393035222C22636F75727365223A7B226C617374223A7B22626F6F7474696D655F6E73223A36323131303831323732332C2277616C6C5F6E73223A313739353936333235353634353536373537332C2273757370656E6465645F7365636F6E6473223A2D302E3030303031343539313939393939393432343834332C226F66667365745F7365636F6E6473223A2D302E30303033333230363233343130363434353331352C22726F756E645F747269705F7365636F6E6473223A302E303030383630353831353931333038353933387D2C22616E63686F72223A7B22626F6F7474696D655F6E73223A32313637363238313038382C2277616C6C5F6E73223A313739353936333231353231313033353831302C2273757370656E6465645F7365636F6E6473223A2D302E3030303031353130333939393939393135353334392C226F66667365745F7365636F6E6473223A2D302E303030353734342C22726F756E645F747269705F7365636F6E6473223A302E303031303531353235323139373236353632357D7D2C2270617469656E63655F656E64735F626F6F7474696D655F6E73223A6E756C6C2C2261736B6564223A7B22626F6F745F6964223A2231366632613066382D643634632D343833302D393133342D333063663836313631393035222C22626F6F7474696D655F6E73223A39313234343735393231392C2277616C6C5F6E73223A313739353936333238343737393531333934312C2273757370656E6465645F7365636F6E6473223A2D302E3030303031343834383030303030363339353532332C226E616D6573223A5B223139322E302E322E3130225D2C2273657276657273223A5B7B226E616D65223A223139322E302E322E3130222C2261646472657373223A223139322E302E322E3130222C22616E73776572223A7B226F66667365745F7365636F6E6473223A2D302E30303033343834393431353532373334333735332C22726F756E645F747269705F7365636F6E6473223A302E303030383938323133353931333038353933382C227374726174756D223A322C226C656170223A302C22726F6F745F64656C61795F7365636F6E6473223A302E3030313030373038303037383132352C22726F6F745F64697370657273696F6E5F7365636F6E6473223A302E3030313030373038303037383132357D2C2270726F626C656D223A22222C226B697373223A22227D5D7D2C227265667573616C73223A5B5D2C226E6F746564223A5B22636C6F636B3A20666577225D7D',1,91304430515,1795963284839185493);
INSERT INTO "memories" VALUES(7,X'7B22626F6F745F6964223A2231366632613066382D643634632D343833302D393133342D333063663836313631393035222C22696E5F656666656374223A5B7B22706964223A3938322C22737461727465645F626F6F7474696D655F7365636F6E6473223A35312E32392C22706F776572223A7B2262656361757365223A222D782072616973657320746865207468726573686F6C6420746F2036303020732C206E6F206D6F7265222C22646563696465645F6279223A222D78222C226261636B5F6265796F6E645F7365636F6E6473223A3630302E302C22666F72776172645F6265796F6E645F7365636F6E6473223A3630302E302C2273746172745F6265796F6E645F7365636F6E6473223A6E756C6C2C22646563696465645F696E223A22222C226F76657272696464656E223A5B5D7D7D5D2C226E6F746564223A5B5D7D',1,91304430515,1795963284839185493);
INSERT INTO "memories" VALUES(9,X'7B22626F6F745F6964223A2231366632613066382D643634632D343833302D393133342D333063663836313631393035222C22626F6F7474696D655F6E73223A39303934343836393137312C2277616C6C5F6E73223A313739353936333238343437393632333736352C227570223A7B22646F7665636F742E73657276696365223A307D2C226E6F745F75705F73696E6365223A7B7D2C226C6F67223A7B226D61726B73223A7B222F7661722F6C6F672F7379736C6F67223A7B22696E6F6465223A322C22686561645F637263223A313434333835343531302C226F6666736574223A343335357D2C222F7661722F6C6F672F6D65737361676573223A7B7D2C222F7661722F6C6F672F6D61696C2E6C6F67223A7B7D2C222F7661722F6C6F672F6D61696C6C6F67223A7B7D2C222F7661722F6C6F672F6461656D6F6E2E6C6F67223A7B7D2C222F7661722F6C6F672F646F7665636F742E6C6F67223A7B22696E6F6465223A332C22686561645F637263223A333931363634363134342C226F6666736574223A313230327D7D7D2C227365656E5F7570223A5B22646F7665636F742E73657276696365225D7D',1,91304430515,1795963284839185493);
INSERT INTO "memories" VALUES(10,X'7B2273756D6D6172696573223A5B22706572696F6469632074696D652073796E63206973206F66663B206F6E652D6F66662073796E63732028726573756D652C20736E617073686F742C20764D6F74696F6E29206172652074686520564D27732073657474696E6773206F6E2074686520686F73742C206E6F742076697369626C652066726F6D2068657265225D7D',1,91304430515,1795963284839185493);
INSERT INTO "memories" VALUES(12,X'7B226661696C75726573223A7B7D2C22726561736F6E73223A7B7D2C2270696E67223A22227D',1,91304430515,1795963284839185493);
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
INSERT INTO "metrics" VALUES(60,1,0,1,1795963222,4,0.0,0.0,0.0,0.0);
INSERT INTO "metrics" VALUES(60,1,0,2,1795963222,4,0.003516,16.0,4.80035160000000047384e+01,16.0);
INSERT INTO "metrics" VALUES(60,1,0,3,1795963222,4,0.0,1.0,1.0,0.0);
INSERT INTO "metrics" VALUES(60,1,0,4,1795963215,3,-17.999741735,0.0,-17.999741735,0.0);
INSERT INTO "metrics" VALUES(60,1,0,5,1795963215,3,0.0,1.0,1.0,0.0);
INSERT INTO "metrics" VALUES(60,1,0,6,1795963215,3,-7.6116269748535154288e-03,-0.0005744,-8.81381711254882772854e-03,-6.27790137695312540876e-04);
INSERT INTO "metrics" VALUES(60,1,0,7,1795963215,3,1.0515252197265624514e-03,1.50983226142578121076e-02,1.7277635750976561707e-02,1.12778791699218758175e-03);
INSERT INTO "metrics" VALUES(60,1,0,8,1795963215,3,0.0,0.0,0.0,0.0);
INSERT INTO "metrics" VALUES(60,1,1,1,1795963255,7,0.0,0.0,0.0,0.0);
INSERT INTO "metrics" VALUES(60,1,1,2,1795963255,7,0.005516,0.020016,8.41119999999999923279e-02,0.020016);
INSERT INTO "metrics" VALUES(60,1,1,3,1795963255,7,0.0,1.0,2.0,1.0);
INSERT INTO "metrics" VALUES(60,1,1,4,1795963255,7,0.0,0.0,0.0,0.0);
INSERT INTO "metrics" VALUES(60,1,1,5,1795963255,7,0.0,0.0,0.0,0.0);
INSERT INTO "metrics" VALUES(60,1,1,6,1795963255,7,-3.75867739990234342624e-04,8.74918444824219e-05,-1.5809766044921876385e-03,-3.48494155273437527728e-04);
INSERT INTO "metrics" VALUES(60,1,1,7,1795963255,7,8.6058159130859379713e-04,1.15297861425781239877e-03,6.84981179052734402701e-03,8.98213591308593805456e-04);
INSERT INTO "metrics" VALUES(60,1,1,8,1795963255,7,0.0,0.0,0.0,0.0);
INSERT INTO "metrics" VALUES(3600,1,0,1,1795963222,11,0.0,0.0,0.0,0.0);
INSERT INTO "metrics" VALUES(3600,1,0,2,1795963222,11,0.003516,16.0,48.087628,0.020016);
INSERT INTO "metrics" VALUES(3600,1,0,3,1795963222,11,0.0,1.0,3.0,1.0);
INSERT INTO "metrics" VALUES(3600,1,0,4,1795963215,10,-17.999741735,0.0,-17.999741735,0.0);
INSERT INTO "metrics" VALUES(3600,1,0,5,1795963215,10,0.0,1.0,1.0,0.0);
INSERT INTO "metrics" VALUES(3600,1,0,6,1795963215,10,-7.6116269748535154288e-03,8.74918444824219e-05,-1.03947937170410162344e-02,-3.48494155273437527728e-04);
INSERT INTO "metrics" VALUES(3600,1,0,7,1795963215,10,8.6058159130859379713e-04,1.50983226142578121076e-02,2.41274475415039074688e-02,8.98213591308593805456e-04);
INSERT INTO "metrics" VALUES(3600,1,0,8,1795963215,10,0.0,0.0,0.0,0.0);
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
INSERT INTO "notes" VALUES(1,2,'clock','first reading of the clocks: steps show from the next run on','{}',1,10978178816,1795963222512675401,'');
INSERT INTO "notes" VALUES(2,3,'clock','one NTP server answers: nothing would tell if it is wrong; configure four','{"about":"few"}',1,21712993536,1795963215247748514,'');
INSERT INTO "notes" VALUES(3,2,'clock','clock went back 18.0 s within the last 14.6 s, now 2026-11-29T14:40:14.804Z (alert at 0.5 s); beyond 5.0 s Dovecot kills its sessions and databases may refuse to go on; likely ntpd: "CLOCK: time stepped by -17.999724"','{"step_seconds":-17.999741735,"wall_before_step":"2026-11-29T14:40:32.804Z","wall_after_step":"2026-11-29T14:40:14.804Z","window_seconds":14.642180992,"window_begins_boottime_seconds":6.62739264,"window_ends_boottime_seconds":21.269573632,"suspended_seconds":0.0,"boot_id":"16f2a0f8-d64c-4830-9134-30cf86161905","leap_second":false,"author":"likely ntpd: \"CLOCK: time stepped by -17.999724\"","author_programs":["ntpd"],"author_lines":["Nov 29 14:40:12 lab daemon.warn ntpd[778]: CLOCK: time stepped by -17.999724"],"noticed_lines":[],"able_to_step":["ntpd (pid 778)"],"logs_not_read":{},"likely_causes":["ntp_can_step.unlimited","ntp_can_step.large_only","ntp_can_step.startup_only"],"ruled_out_causes":["ntp_can_step.large_only","ntp_can_step.startup_only"]}',1,21712993536,1795963215247748514,'clock_step.backward');
INSERT INTO "notes" VALUES(4,9,'dovecot.service','Dovecot killed 1 of its own processes (imap): the clock went back by at least 16.0 s; it logged: "Nov 29 14:40:13 imap(783): Fatal: Time just moved backwards by 15.997243 seconds"','{"shown_by":"log","line":"Nov 29 14:40:13 imap(783): Fatal: Time just moved backwards by 15.997243 seconds. This might cause a lot of problems, so I''ll just kill myself now. http://wiki2.dovecot.org/TimeMovedBackwards","killed_processes":1,"sleeping_processes":0,"refuses_seconds":0.0,"moved_seconds":15.997243,"moved_seconds_remark":"counted from the process''s last known time, so less than the step itself"}',1,21712993536,1795963215247748514,'service.killed_by_clock_step');
INSERT INTO "notes" VALUES(5,10,'vmware-tools','periodic time sync is off; one-off syncs (resume, snapshot, vMotion) are the VM''s settings on the host, not visible from here','{"tool_exit_code":69,"tool_said":"Disabled","tools_version":"12.2.0.41219 (build-21223074)","tools_conf_disables":"","on_vmware_because":"DMI product_name is VMware20,1","host_settings_not_visible_from_a_guest":["tools.syncTime","time.synchronize.allow","time.synchronize.continue","time.synchronize.restore","time.synchronize.resume.disk","time.synchronize.resume.host","time.synchronize.shrink","time.synchronize.tools.startup","time.synchronize.tools.enable"]}',1,70131097523,1795963263665852245,'');
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
INSERT INTO "series" VALUES(1,3,'clock','frequency_ppm');
INSERT INTO "series" VALUES(2,3,'clock','maxerror_seconds');
INSERT INTO "series" VALUES(3,9,'dovecot.service','up');
INSERT INTO "series" VALUES(4,2,'clock','step_seconds');
INSERT INTO "series" VALUES(5,2,'clock','steps');
INSERT INTO "series" VALUES(6,3,'clock','offset_seconds');
INSERT INTO "series" VALUES(7,3,'clock','round_trip_seconds');
INSERT INTO "series" VALUES(8,3,'clock','spread_seconds');
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
INSERT INTO "spans" VALUES(1,1,'not_applicable','no bond on this host',1,10978178816,1795963222512675401,91304430515,1795963284839185493,11,22014393600);
INSERT INTO "spans" VALUES(2,2,'ok','',1,10978178816,1795963222512675401,10978178816,1795963222512675401,1,0);
INSERT INTO "spans" VALUES(3,3,'unknown','clock: no NTP server gave a usable answer (192.0.2.10: no answer within 2.0 s)',1,10978178816,1795963222512675401,10978178816,1795963222512675401,1,0);
INSERT INTO "spans" VALUES(4,4,'not_applicable','no virtual address on lo or a dummy of this host, and no pool by direct routing',1,10978178816,1795963222512675401,91304430515,1795963284839185493,11,22014393600);
INSERT INTO "spans" VALUES(5,5,'not_applicable','no IPVS on this host',1,10978178816,1795963222512675401,91304430515,1795963284839185493,11,22014393600);
INSERT INTO "spans" VALUES(6,6,'not_applicable','no default route, so no gateway to answer through',1,10978178816,1795963222512675401,91304430515,1795963284839185493,11,22014393600);
INSERT INTO "spans" VALUES(7,7,'critical','',1,10978178816,1795963222512675401,10978178816,1795963222512675401,1,0);
INSERT INTO "spans" VALUES(8,8,'not_applicable','no proxy listens here, no IPVS pool is on a proxy''s port, [[checks.proxy_port.targets]] names none',1,10978178816,1795963222512675401,91304430515,1795963284839185493,11,22014393600);
INSERT INTO "spans" VALUES(9,9,'ok','',1,10978178816,1795963222512675401,10978178816,1795963222512675401,1,0);
INSERT INTO "spans" VALUES(10,10,'warning','',1,10978178816,1795963222512675401,64220678963,1795963257755433557,6,22014393600);
INSERT INTO "spans" VALUES(11,11,'not_applicable','no keepalived runs here, and [checks.vrrp] names no interface to listen on',1,10978178816,1795963222512675401,91304430515,1795963284839185493,11,22014393600);
INSERT INTO "spans" VALUES(12,12,'ok','',1,10978178816,1795963222512675401,91304430515,1795963284839185493,11,22014393600);
INSERT INTO "spans" VALUES(13,2,'critical','',1,21712993536,1795963215247748514,21712993536,1795963215247748514,1,0);
INSERT INTO "spans" VALUES(14,3,'ok','',1,21712993536,1795963215247748514,91304430515,1795963284839185493,10,22014393600);
INSERT INTO "spans" VALUES(15,7,'warning','',1,21712993536,1795963215247748514,91304430515,1795963284839185493,10,22014393600);
INSERT INTO "spans" VALUES(16,9,'critical','',1,21712993536,1795963215247748514,77135058227,1795963270669812821,8,22014393600);
INSERT INTO "spans" VALUES(17,2,'ok','',1,43727387136,1795963237262142114,91304430515,1795963284839185493,9,13356156211);
INSERT INTO "spans" VALUES(18,10,'ok','',1,70131097523,1795963263665852245,91304430515,1795963284839185493,5,12037919744);
INSERT INTO "spans" VALUES(19,9,'ok','',1,89172977971,1795963282707732821,91304430515,1795963284839185493,2,2131452544);
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
INSERT INTO "tracks" VALUES('ntp_can_step.large_only','ntpd','01111111',0);
INSERT INTO "tracks" VALUES('ntp_can_step.unlimited','ntpd','011110000000',0);
INSERT INTO "tracks" VALUES('service.down','dovecot.service','01111111100',0);
INSERT INTO "tracks" VALUES('vmware_timesync.enabled','vmware-tools','011111100000',0);
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
INSERT INTO "transitions" VALUES(1,1,1,10978178816,1795963222512675401,NULL,'firing','found');
INSERT INTO "transitions" VALUES(2,2,1,10978178816,1795963222512675401,NULL,'firing','found');
INSERT INTO "transitions" VALUES(3,3,1,21712993536,1795963215247748514,NULL,'firing','found');
INSERT INTO "transitions" VALUES(4,4,1,21712993536,1795963215247748514,NULL,'firing','found');
INSERT INTO "transitions" VALUES(5,5,1,21712993536,1795963215247748514,NULL,'pending','found; fires when it has lasted 20.0 s');
INSERT INTO "transitions" VALUES(6,5,1,43727387136,1795963237262142114,'pending','firing','still found after 20.0 s');
INSERT INTO "transitions" VALUES(7,6,1,62188614195,1795963255723369045,NULL,'firing','found');
INSERT INTO "transitions" VALUES(8,1,1,62188614195,1795963255723369045,'firing','resolved','no longer found');
INSERT INTO "transitions" VALUES(9,2,1,70131097523,1795963263665852245,'firing','resolved','no longer found');
INSERT INTO "transitions" VALUES(10,5,1,89172977971,1795963282707732821,'firing','resolved','no longer found');
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
INSERT INTO "upkeep" VALUES(1,7,1,6104241920,1795963217638738505,1,10978178816,1795963222512675401,24,'1aed88164295eb239a068d22867856c3dc1a74a95a28086ecdd7c722fc2c351b');
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
