-- now: 0537c46d-8c61-4ecb-8156-96acd708ca15 533717783249 1795898490140206384
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
INSERT INTO "attempts" VALUES(1,2,'disable_vmware_timesync','propose','closed','permitted, as try 5','{"summary":"switch VMware Tools'' periodic time sync off; ntpsec ntpd keeps the clock","steps":[{"step":"RunCommand","argv":["vmware-toolbox-cmd","timesync","disable"],"undo":[],"timeout_seconds":30.0}],"settle_seconds":5.0,"lasting":true,"note":"nothing takes this back by itself: its opposite, `vmware-toolbox-cmd timesync enable`, may set the clock back at once and is never run from here. One-off syncs (resume, snapshot, vMotion, tools start) stay as the VM''s own settings on the host say (time.synchronize.*), which no guest can read.","healthy_left":null,"accepts":[],"undone_after_seconds":null}',1,95802018560,1795898070224355845,1,335396724049,1795898291819070000,'');
INSERT INTO "attempts" VALUES(2,1,'forbid_ntp_step','propose','closed','permitted, as try 4','{"summary":"add -x to NTPD_OPTS in /etc/default/ntpsec, and restart ntpsec: it then sets the clock back only beyond 600 s","steps":[{"step":"WriteFile","path":"/etc/default/ntpsec","before":"NTPD_OPTS=\"-g -N\"\n\n# Set to \"yes\" to ignore DHCP servers returned by DHCP.\nIGNORE_DHCP=\"\"\n\n# If you use certbot to obtain a certificate for ntpd, provide its name here.\n# The ntpsec deploy hook for certbot will handle copying and permissioning the\n# certificate and key files.\nNTPSEC_CERTBOT_CERT_NAME=\"\"\n","after":"NTPD_OPTS=\"-g -N -x\"\n\n# Set to \"yes\" to ignore DHCP servers returned by DHCP.\nIGNORE_DHCP=\"\"\n\n# If you use certbot to obtain a certificate for ntpd, provide its name here.\n# The ntpsec deploy hook for certbot will handle copying and permissioning the\n# certificate and key files.\nNTPSEC_CERTBOT_CERT_NAME=\"\"\n","mode":420,"own":false},{"step":"UnitAction","unit":"ntpsec","action":"restart","again_on_undo":true}],"settle_seconds":10.0,"lasting":true,"note":"whoever is served time by this host waits for it some seconds","healthy_left":null,"accepts":["ntp_can_step.large_only","clock_sync.unsynchronised"],"undone_after_seconds":null}',1,150851901184,1795898107274246751,1,279919948288,1795898236342294623,'');
INSERT INTO "attempts" VALUES(3,5,'restart_service','propose','refused','restart_service: the clock may be set back at any time (ntp_can_step.unlimited), which would kill it again; heal that first','{"summary":"","steps":[],"settle_seconds":5.0,"lasting":true,"note":"","healthy_left":null,"accepts":[],"undone_after_seconds":null}',1,250256872320,1795898206679217759,1,250256872320,1795898206679217759,'root (uid 0), by watchdog heal 5 --apply');
INSERT INTO "attempts" VALUES(4,1,'forbid_ntp_step','auto','healed','the check no longer finds the fault; new beside it: ntp_can_step.large_only on ntpd','{"summary":"add -x to NTPD_OPTS in /etc/default/ntpsec, and restart ntpsec: it then sets the clock back only beyond 600 s","steps":[{"step":"WriteFile","path":"/etc/default/ntpsec","before":"NTPD_OPTS=\"-g -N\"\n\n# Set to \"yes\" to ignore DHCP servers returned by DHCP.\nIGNORE_DHCP=\"\"\n\n# If you use certbot to obtain a certificate for ntpd, provide its name here.\n# The ntpsec deploy hook for certbot will handle copying and permissioning the\n# certificate and key files.\nNTPSEC_CERTBOT_CERT_NAME=\"\"\n","after":"NTPD_OPTS=\"-g -N -x\"\n\n# Set to \"yes\" to ignore DHCP servers returned by DHCP.\nIGNORE_DHCP=\"\"\n\n# If you use certbot to obtain a certificate for ntpd, provide its name here.\n# The ntpsec deploy hook for certbot will handle copying and permissioning the\n# certificate and key files.\nNTPSEC_CERTBOT_CERT_NAME=\"\"\n","mode":420,"own":false},{"step":"UnitAction","unit":"ntpsec","action":"restart","again_on_undo":true}],"settle_seconds":10.0,"lasting":true,"note":"whoever is served time by this host waits for it some seconds","healthy_left":null,"accepts":["ntp_can_step.large_only","clock_sync.unsynchronised"],"undone_after_seconds":null}',1,279764099584,1795898236186445407,1,305184611537,1795898261606957360,'mode = "auto", /etc/watchdog/watchdog.toml line 7, sha256 4a089cfdd0b4c599c5e7382f0f8905cf77d908d7aaa1f8b0dfa51634275fbbd9');
INSERT INTO "attempts" VALUES(5,2,'disable_vmware_timesync','auto','healed','the check no longer finds the fault','{"summary":"switch VMware Tools'' periodic time sync off; ntpsec ntpd keeps the clock","steps":[{"step":"RunCommand","argv":["vmware-toolbox-cmd","timesync","disable"],"undo":[],"timeout_seconds":30.0}],"settle_seconds":5.0,"lasting":true,"note":"nothing takes this back by itself: its opposite, `vmware-toolbox-cmd timesync enable`, may set the clock back at once and is never run from here. One-off syncs (resume, snapshot, vMotion, tools start) stay as the VM''s own settings on the host say (time.synchronize.*), which no guest can read.","healthy_left":null,"accepts":[],"undone_after_seconds":null}',1,335280911441,1795898291703257648,1,343328713809,1795898299751059248,'mode = "auto", /etc/watchdog/watchdog.toml line 5, sha256 4a089cfdd0b4c599c5e7382f0f8905cf77d908d7aaa1f8b0dfa51634275fbbd9');
INSERT INTO "attempts" VALUES(6,6,'forbid_ntp_step','auto','refused','forbid_ntp_step: how = "slew" leaves steps beyond 600 s; set how = "stepback" or "never" to forbid those too','{"summary":"","steps":[],"settle_seconds":5.0,"lasting":true,"note":"","healthy_left":null,"accepts":[],"undone_after_seconds":null}',1,361317870033,1795898317740215600,1,361317870033,1795898317740215600,'');
INSERT INTO "attempts" VALUES(7,5,'restart_service','auto','refused','restart_service: the clock was stepped 3 min 33 s ago; it counts as steady after 30 min (steady_for)','{"summary":"","steps":[],"settle_seconds":5.0,"lasting":true,"note":"","healthy_left":null,"accepts":[],"undone_after_seconds":null}',1,362883058129,1795898319305403952,1,362883058129,1795898319305403952,'');
INSERT INTO "attempts" VALUES(8,5,'restart_service','auto','healed','the check no longer finds the fault','{"summary":"start dovecot.service again: it crashed, and the clock is steady","steps":[{"step":"UnitAction","unit":"dovecot.service","action":"start","again_on_undo":false}],"settle_seconds":10.0,"lasting":true,"note":"","healthy_left":null,"accepts":[],"undone_after_seconds":null}',1,441398782929,1795898397821129008,1,471530683217,1795898427953028912,'mode = "auto", /etc/watchdog/watchdog.toml line 9, sha256 34e6bb174cdb614e4fd3ea0b2c57236d6472aa6e5f582feadb51b683503e98cf');
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
INSERT INTO "audit" VALUES(1,'proposed',1,2,'{"remediation":"disable_vmware_timesync","mode":"propose","outcome":"proposed","reason":"","permission":"","plan":{"summary":"switch VMware Tools'' periodic time sync off; ntpsec ntpd keeps the clock","steps":[{"step":"RunCommand","argv":["vmware-toolbox-cmd","timesync","disable"],"undo":[],"timeout_seconds":30.0}],"settle_seconds":5.0,"lasting":true,"note":"nothing takes this back by itself: its opposite, `vmware-toolbox-cmd timesync enable`, may set the clock back at once and is never run from here. One-off syncs (resume, snapshot, vMotion, tools start) stay as the VM''s own settings on the host say (time.synchronize.*), which no guest can read.","healthy_left":null,"accepts":[],"undone_after_seconds":null},"ended":null}','0537c46d-8c61-4ecb-8156-96acd708ca15',95802018560,1795898070224355845,'7d36826bb748564011ebd0f66f84ab210d41b8f4fbd3951df931ddce5036b97a');
INSERT INTO "audit" VALUES(2,'proposed',2,1,'{"remediation":"forbid_ntp_step","mode":"propose","outcome":"proposed","reason":"","permission":"","plan":{"summary":"add -x to NTPD_OPTS in /etc/default/ntpsec, and restart ntpsec: it then sets the clock back only beyond 600 s","steps":[{"step":"WriteFile","path":"/etc/default/ntpsec","before":"NTPD_OPTS=\"-g -N\"\n\n# Set to \"yes\" to ignore DHCP servers returned by DHCP.\nIGNORE_DHCP=\"\"\n\n# If you use certbot to obtain a certificate for ntpd, provide its name here.\n# The ntpsec deploy hook for certbot will handle copying and permissioning the\n# certificate and key files.\nNTPSEC_CERTBOT_CERT_NAME=\"\"\n","after":"NTPD_OPTS=\"-g -N -x\"\n\n# Set to \"yes\" to ignore DHCP servers returned by DHCP.\nIGNORE_DHCP=\"\"\n\n# If you use certbot to obtain a certificate for ntpd, provide its name here.\n# The ntpsec deploy hook for certbot will handle copying and permissioning the\n# certificate and key files.\nNTPSEC_CERTBOT_CERT_NAME=\"\"\n","mode":420,"own":false},{"step":"UnitAction","unit":"ntpsec","action":"restart","again_on_undo":true}],"settle_seconds":10.0,"lasting":true,"note":"whoever is served time by this host waits for it some seconds","healthy_left":null,"accepts":["ntp_can_step.large_only","clock_sync.unsynchronised"],"undone_after_seconds":null},"ended":null}','0537c46d-8c61-4ecb-8156-96acd708ca15',150851901184,1795898107274246751,'e9c847fa6c04063451bb9b72218d5a6cc6ece38a5fe9c1fa7868e13e6ea5c898');
INSERT INTO "audit" VALUES(3,'refused',3,5,'{"remediation":"restart_service","mode":"propose","outcome":"refused","reason":"restart_service: the clock may be set back at any time (ntp_can_step.unlimited), which would kill it again; heal that first","permission":"root (uid 0), by watchdog heal 5 --apply","plan":{"summary":"","steps":[],"settle_seconds":5.0,"lasting":true,"note":"","healthy_left":null,"accepts":[],"undone_after_seconds":null},"ended":["0537c46d-8c61-4ecb-8156-96acd708ca15",250256872320,1795898206679217759]}','0537c46d-8c61-4ecb-8156-96acd708ca15',250256872320,1795898206679217759,'fa37af082b7d11aecd2636ede1edcf9fe15c8b1a4719f772bc8238eb8fb7ad75');
INSERT INTO "audit" VALUES(4,'begun',4,1,'{"remediation":"forbid_ntp_step","mode":"auto","outcome":"running","reason":"","permission":"mode = \"auto\", /etc/watchdog/watchdog.toml line 7, sha256 4a089cfdd0b4c599c5e7382f0f8905cf77d908d7aaa1f8b0dfa51634275fbbd9","plan":{"summary":"add -x to NTPD_OPTS in /etc/default/ntpsec, and restart ntpsec: it then sets the clock back only beyond 600 s","steps":[{"step":"WriteFile","path":"/etc/default/ntpsec","before":"NTPD_OPTS=\"-g -N\"\n\n# Set to \"yes\" to ignore DHCP servers returned by DHCP.\nIGNORE_DHCP=\"\"\n\n# If you use certbot to obtain a certificate for ntpd, provide its name here.\n# The ntpsec deploy hook for certbot will handle copying and permissioning the\n# certificate and key files.\nNTPSEC_CERTBOT_CERT_NAME=\"\"\n","after":"NTPD_OPTS=\"-g -N -x\"\n\n# Set to \"yes\" to ignore DHCP servers returned by DHCP.\nIGNORE_DHCP=\"\"\n\n# If you use certbot to obtain a certificate for ntpd, provide its name here.\n# The ntpsec deploy hook for certbot will handle copying and permissioning the\n# certificate and key files.\nNTPSEC_CERTBOT_CERT_NAME=\"\"\n","mode":420,"own":false},{"step":"UnitAction","unit":"ntpsec","action":"restart","again_on_undo":true}],"settle_seconds":10.0,"lasting":true,"note":"whoever is served time by this host waits for it some seconds","healthy_left":null,"accepts":["ntp_can_step.large_only","clock_sync.unsynchronised"],"undone_after_seconds":null},"ended":null}','0537c46d-8c61-4ecb-8156-96acd708ca15',279764099584,1795898236186445407,'60ceb1b813eb774b2152b4f33811414b8306cc8af66b2c32904ddc96a8927450');
INSERT INTO "audit" VALUES(5,'closed',2,1,'{"outcome":"closed","reason":"permitted, as try 4","ended":["0537c46d-8c61-4ecb-8156-96acd708ca15",279919948288,1795898236342294623]}','0537c46d-8c61-4ecb-8156-96acd708ca15',279919948288,1795898236342294623,'6ea96144875095993121a10f2e2663800cb6416df0820ce9d1d85459a9e634fb');
INSERT INTO "audit" VALUES(6,'step',4,1,'{"seq":0,"step":{"step":"WriteFile","path":"/etc/default/ntpsec","before":"NTPD_OPTS=\"-g -N\"\n\n# Set to \"yes\" to ignore DHCP servers returned by DHCP.\nIGNORE_DHCP=\"\"\n\n# If you use certbot to obtain a certificate for ntpd, provide its name here.\n# The ntpsec deploy hook for certbot will handle copying and permissioning the\n# certificate and key files.\nNTPSEC_CERTBOT_CERT_NAME=\"\"\n","after":"NTPD_OPTS=\"-g -N -x\"\n\n# Set to \"yes\" to ignore DHCP servers returned by DHCP.\nIGNORE_DHCP=\"\"\n\n# If you use certbot to obtain a certificate for ntpd, provide its name here.\n# The ntpsec deploy hook for certbot will handle copying and permissioning the\n# certificate and key files.\nNTPSEC_CERTBOT_CERT_NAME=\"\"\n","mode":420,"own":false},"undo":{"step":"WriteFile","path":"/etc/default/ntpsec","before":"NTPD_OPTS=\"-g -N -x\"\n\n# Set to \"yes\" to ignore DHCP servers returned by DHCP.\nIGNORE_DHCP=\"\"\n\n# If you use certbot to obtain a certificate for ntpd, provide its name here.\n# The ntpsec deploy hook for certbot will handle copying and permissioning the\n# certificate and key files.\nNTPSEC_CERTBOT_CERT_NAME=\"\"\n","after":"NTPD_OPTS=\"-g -N\"\n\n# Set to \"yes\" to ignore DHCP servers returned by DHCP.\nIGNORE_DHCP=\"\"\n\n# If you use certbot to obtain a certificate for ntpd, provide its name here.\n# The ntpsec deploy hook for certbot will handle copying and permissioning the\n# certificate and key files.\nNTPSEC_CERTBOT_CERT_NAME=\"\"\n","mode":420,"own":false},"state":"planned","output":""}','0537c46d-8c61-4ecb-8156-96acd708ca15',279997976704,1795898236420322143,'4da264ccb161653fab3770ae4f4959be3ef3bfbf5f6841120832dbe95b42b7e2');
INSERT INTO "audit" VALUES(7,'step',4,1,'{"seq":0,"step":{"step":"WriteFile","path":"/etc/default/ntpsec","before":"NTPD_OPTS=\"-g -N\"\n\n# Set to \"yes\" to ignore DHCP servers returned by DHCP.\nIGNORE_DHCP=\"\"\n\n# If you use certbot to obtain a certificate for ntpd, provide its name here.\n# The ntpsec deploy hook for certbot will handle copying and permissioning the\n# certificate and key files.\nNTPSEC_CERTBOT_CERT_NAME=\"\"\n","after":"NTPD_OPTS=\"-g -N -x\"\n\n# Set to \"yes\" to ignore DHCP servers returned by DHCP.\nIGNORE_DHCP=\"\"\n\n# If you use certbot to obtain a certificate for ntpd, provide its name here.\n# The ntpsec deploy hook for certbot will handle copying and permissioning the\n# certificate and key files.\nNTPSEC_CERTBOT_CERT_NAME=\"\"\n","mode":420,"own":false},"undo":{"step":"WriteFile","path":"/etc/default/ntpsec","before":"NTPD_OPTS=\"-g -N -x\"\n\n# Set to \"yes\" to ignore DHCP servers returned by DHCP.\nIGNORE_DHCP=\"\"\n\n# If you use certbot to obtain a certificate for ntpd, provide its name here.\n# The ntpsec deploy hook for certbot will handle copying and permissioning the\n# certificate and key files.\nNTPSEC_CERTBOT_CERT_NAME=\"\"\n","after":"NTPD_OPTS=\"-g -N\"\n\n# Set to \"yes\" to ignore DHCP servers returned by DHCP.\nIGNORE_DHCP=\"\"\n\n# If you use certbot to obtain a certificate for ntpd, provide its name here.\n# The ntpsec deploy hook for certbot will handle copying and permissioning the\n# certificate and key files.\nNTPSEC_CERTBOT_CERT_NAME=\"\"\n","mode":420,"own":false},"state":"done","output":"wrote /etc/default/ntpsec"}','0537c46d-8c61-4ecb-8156-96acd708ca15',280120909312,1795898236543255391,'30aa0473aa752b63763e3bc113132382e1e7d6e0f729acb95fc4f59cd147920e');
INSERT INTO "audit" VALUES(8,'step',4,1,'{"seq":1,"step":{"step":"UnitAction","unit":"ntpsec","action":"restart","again_on_undo":true},"undo":{"step":"UnitAction","unit":"ntpsec","action":"restart","again_on_undo":true},"state":"planned","output":""}','0537c46d-8c61-4ecb-8156-96acd708ca15',280163725696,1795898236586071135,'98bcd6bf38d19da6121df3a523b2fe58583f6cb8f9c8d555b436abaeee8dca53');
INSERT INTO "audit" VALUES(9,'step',4,1,'{"seq":1,"step":{"step":"UnitAction","unit":"ntpsec","action":"restart","again_on_undo":true},"undo":{"step":"UnitAction","unit":"ntpsec","action":"restart","again_on_undo":true},"state":"done","output":"ntpsec: restart done"}','0537c46d-8c61-4ecb-8156-96acd708ca15',289685352576,1795898246107698271,'24cfb22fb72673e59f0f94fa3d2a533daf47ae64677fde642d0ef6dacf4591b2');
INSERT INTO "audit" VALUES(10,'verified',4,1,'{"problem":""}','0537c46d-8c61-4ecb-8156-96acd708ca15',305150244049,1795898261572588848,'3bc13c2a3f82bc307508242f83c8ae05606d315d54108afcd403514bdcccfa35');
INSERT INTO "audit" VALUES(11,'ended',4,1,'{"outcome":"healed","reason":"the check no longer finds the fault; new beside it: ntp_can_step.large_only on ntpd","ended":["0537c46d-8c61-4ecb-8156-96acd708ca15",305184611537,1795898261606957360]}','0537c46d-8c61-4ecb-8156-96acd708ca15',305184611537,1795898261606957360,'29569b11dabb018cfdc64f5064aa36484f7b6b375786f2ccb562b3c6a1fbfade');
INSERT INTO "audit" VALUES(12,'begun',5,2,'{"remediation":"disable_vmware_timesync","mode":"auto","outcome":"running","reason":"","permission":"mode = \"auto\", /etc/watchdog/watchdog.toml line 5, sha256 4a089cfdd0b4c599c5e7382f0f8905cf77d908d7aaa1f8b0dfa51634275fbbd9","plan":{"summary":"switch VMware Tools'' periodic time sync off; ntpsec ntpd keeps the clock","steps":[{"step":"RunCommand","argv":["vmware-toolbox-cmd","timesync","disable"],"undo":[],"timeout_seconds":30.0}],"settle_seconds":5.0,"lasting":true,"note":"nothing takes this back by itself: its opposite, `vmware-toolbox-cmd timesync enable`, may set the clock back at once and is never run from here. One-off syncs (resume, snapshot, vMotion, tools start) stay as the VM''s own settings on the host say (time.synchronize.*), which no guest can read.","healthy_left":null,"accepts":[],"undone_after_seconds":null},"ended":null}','0537c46d-8c61-4ecb-8156-96acd708ca15',335280911441,1795898291703257648,'d2e6cac26d7d62c21da4358f1bcc38ab310127ba0521da81804f9e3d59dda2cd');
INSERT INTO "audit" VALUES(13,'closed',1,2,'{"outcome":"closed","reason":"permitted, as try 5","ended":["0537c46d-8c61-4ecb-8156-96acd708ca15",335396724049,1795898291819070000]}','0537c46d-8c61-4ecb-8156-96acd708ca15',335396724049,1795898291819070000,'d8553ab25f844d9e8b3b5ad4a248ccc41131804176a338ae954c772f1c3083f3');
INSERT INTO "audit" VALUES(14,'step',5,2,'{"seq":0,"step":{"step":"RunCommand","argv":["vmware-toolbox-cmd","timesync","disable"],"undo":[],"timeout_seconds":30.0},"undo":null,"state":"planned","output":""}','0537c46d-8c61-4ecb-8156-96acd708ca15',335436739281,1795898291859084336,'248d3e57bba90ff702de6e5c017db2557fc7b501b92b43e29d28f4da4dbc70dd');
INSERT INTO "audit" VALUES(15,'step',5,2,'{"seq":0,"step":{"step":"RunCommand","argv":["vmware-toolbox-cmd","timesync","disable"],"undo":[],"timeout_seconds":30.0},"undo":null,"state":"done","output":"Disabled"}','0537c46d-8c61-4ecb-8156-96acd708ca15',335703367505,1795898292125713200,'5f93ea762a74a5bd2cae2ab1f40dbe7438a5b4ade2d85141594faa5cedffceea');
INSERT INTO "audit" VALUES(16,'verified',5,2,'{"problem":""}','0537c46d-8c61-4ecb-8156-96acd708ca15',343314218961,1795898299736564528,'c4a1f04cabb736f8c6aa3663f77b4313573427876dbed690f4f3a513703e883e');
INSERT INTO "audit" VALUES(17,'ended',5,2,'{"outcome":"healed","reason":"the check no longer finds the fault","ended":["0537c46d-8c61-4ecb-8156-96acd708ca15",343328713809,1795898299751059248]}','0537c46d-8c61-4ecb-8156-96acd708ca15',343328713809,1795898299751059248,'afdba377e84c4d7349c358c1602f99a0cda93a90f1af35e86b9aa2c3591aefc3');
INSERT INTO "audit" VALUES(18,'refused',6,6,'{"remediation":"forbid_ntp_step","mode":"auto","outcome":"refused","reason":"forbid_ntp_step: how = \"slew\" leaves steps beyond 600 s; set how = \"stepback\" or \"never\" to forbid those too","permission":"","plan":{"summary":"","steps":[],"settle_seconds":5.0,"lasting":true,"note":"","healthy_left":null,"accepts":[],"undone_after_seconds":null},"ended":["0537c46d-8c61-4ecb-8156-96acd708ca15",361317870033,1795898317740215600]}','0537c46d-8c61-4ecb-8156-96acd708ca15',361317870033,1795898317740215600,'fc8412629a751e68f14fd3393bc55a8de23a3f61a40ebcbc6fdd3eb6e45cddbc');
INSERT INTO "audit" VALUES(19,'refused',7,5,'{"remediation":"restart_service","mode":"auto","outcome":"refused","reason":"restart_service: the clock was stepped 3 min 33 s ago; it counts as steady after 30 min (steady_for)","permission":"","plan":{"summary":"","steps":[],"settle_seconds":5.0,"lasting":true,"note":"","healthy_left":null,"accepts":[],"undone_after_seconds":null},"ended":["0537c46d-8c61-4ecb-8156-96acd708ca15",362883058129,1795898319305403952]}','0537c46d-8c61-4ecb-8156-96acd708ca15',362883058129,1795898319305403952,'90e1facb1f7295aef0eaffe0d7a1acc9f4c088bfeefc75bd7aaa5bcc986990ef');
INSERT INTO "audit" VALUES(20,'begun',8,5,'{"remediation":"restart_service","mode":"auto","outcome":"running","reason":"","permission":"mode = \"auto\", /etc/watchdog/watchdog.toml line 9, sha256 34e6bb174cdb614e4fd3ea0b2c57236d6472aa6e5f582feadb51b683503e98cf","plan":{"summary":"start dovecot.service again: it crashed, and the clock is steady","steps":[{"step":"UnitAction","unit":"dovecot.service","action":"start","again_on_undo":false}],"settle_seconds":10.0,"lasting":true,"note":"","healthy_left":null,"accepts":[],"undone_after_seconds":null},"ended":null}','0537c46d-8c61-4ecb-8156-96acd708ca15',441398782929,1795898397821129008,'4940862e617972cd77b2927a18c5e03a1da468dd79a2525755f4e4c10bf26f3f');
INSERT INTO "audit" VALUES(21,'step',8,5,'{"seq":0,"step":{"step":"UnitAction","unit":"dovecot.service","action":"start","again_on_undo":false},"undo":{"step":"UnitAction","unit":"dovecot.service","action":"stop","again_on_undo":false},"state":"planned","output":""}','0537c46d-8c61-4ecb-8156-96acd708ca15',444957081297,1795898401379427632,'b13246b3b493bba35419a00483a77ff60f7be18f56e13c8f84738abb4d64ffe8');
INSERT INTO "audit" VALUES(22,'step',8,5,'{"seq":0,"step":{"step":"UnitAction","unit":"dovecot.service","action":"start","again_on_undo":false},"undo":{"step":"UnitAction","unit":"dovecot.service","action":"stop","again_on_undo":false},"state":"done","output":"dovecot.service: start done"}','0537c46d-8c61-4ecb-8156-96acd708ca15',456810340945,1795898413232686896,'670be7351fd72108be48601faec9b642c0788d6f316a44eaa3c1ba7ce6fedb43');
INSERT INTO "audit" VALUES(23,'verified',8,5,'{"problem":""}','0537c46d-8c61-4ecb-8156-96acd708ca15',471512207825,1795898427934553392,'9dde5280bc9248911c4722e0047899452f90b9298c3cd3e34c72e79bd94c1015');
INSERT INTO "audit" VALUES(24,'ended',8,5,'{"outcome":"healed","reason":"the check no longer finds the fault","ended":["0537c46d-8c61-4ecb-8156-96acd708ca15",471530683217,1795898427953028912]}','0537c46d-8c61-4ecb-8156-96acd708ca15',471530683217,1795898427953028912,'bdc163d212f140638af4fcb6023caaa1a6209e67cbc27a83b8033fbe6d8cec46');
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
INSERT INTO "boots" VALUES(1,'0537c46d-8c61-4ecb-8156-96acd708ca15','lab',75811290752,1795898050233625861,512060566481,1795898468482913328);
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
INSERT INTO "configurations" VALUES(1,'/etc/watchdog/watchdog.toml','e224c8d692dca20f1c6a4cde654ff22f7e861edbe7c8a209031c83ef5d7080bd',1,95743409152,1795898070165743877);
INSERT INTO "configurations" VALUES(2,'/etc/watchdog/watchdog.toml','4a089cfdd0b4c599c5e7382f0f8905cf77d908d7aaa1f8b0dfa51634275fbbd9',1,278071953152,1795898234494298719);
INSERT INTO "configurations" VALUES(3,'/etc/watchdog/watchdog.toml','34e6bb174cdb614e4fd3ea0b2c57236d6472aa6e5f582feadb51b683503e98cf',1,437685538641,1795898394107884336);
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
INSERT INTO "incidents" VALUES(1,'ntp_can_step.unlimited','ntpd','warning','resolved','ntpsec ntpd may set the clock back at any time when it is off by more than 0.128 s (neither -x nor a `tinker step` line, so the threshold is 0.128 s); programs that order by the wall clock stall, misorder or kill themselves (Dovecot beyond 5 s)','{"advice":"add -x to NTPD_OPTS in /etc/default/ntpsec, then systemctl restart ntpsec: it then steps only beyond 600 s; `tinker step 0` in /etc/ntpsec/ntp.conf forbids even that","program":"ntpsec ntpd","pids":[789],"argv":["/usr/sbin/ntpd","-p","/run/ntpd.pid","-c","/etc/ntpsec/ntp.conf","-g","-N","-u","ntpsec:ntpsec"],"config_path":"/etc/ntpsec/ntp.conf","config_files":["/etc/ntpsec/ntp.conf","/etc/ntpsec/ntp.d"],"config_newer_than_process":false,"restart_pending":false,"back_beyond_seconds":0.128,"forward_beyond_seconds":0.128,"start_beyond_seconds":null,"overridden":[],"because":"neither -x nor a `tinker step` line, so the threshold is 0.128 s","fragile_running":[],"not_seen":"what chronyc makestep or ntpq :config changed at run time"}',1,95236899712,1795898069659234309,1,277484607616,1795898233906953311,1,95236899712,1795898069659234309,1,309395269457,1795898265817616176,1,'[]',0,0,'critical');
INSERT INTO "incidents" VALUES(2,'vmware_timesync.enabled','vmware-tools','warning','resolved','VMware Tools time sync is on (vmware-toolbox-cmd: Enabled): every minute it may set this clock ahead to the host''s, and on resume, snapshot or vMotion back, against any NTP daemon; run: vmware-toolbox-cmd timesync disable','{"tool_exit_code":0,"tool_said":"Enabled","tools_version":"12.2.0.41219 (build-21223074)","tools_conf_disables":"","on_vmware_because":"DMI product_name is VMware20,1","host_settings_not_visible_from_a_guest":["tools.syncTime","time.synchronize.allow","time.synchronize.continue","time.synchronize.restore","time.synchronize.resume.disk","time.synchronize.resume.host","time.synchronize.shrink","time.synchronize.tools.startup","time.synchronize.tools.enable"]}',1,95236899712,1795898069659234309,1,334286081873,1795898290708428848,1,95236899712,1795898069659234309,1,344609726033,1795898301032071728,1,'[]',0,0,'warning');
INSERT INTO "incidents" VALUES(3,'clock_step.backward','clock','critical','firing','clock went back 18.0 s within the last 58.1 s, now 2026-11-28T20:34:59.820Z (alert at 0.5 s); beyond 5.0 s Dovecot kills its sessions and databases may refuse to go on; likely ntpd: "CLOCK: time stepped by -17.999951"','{"step_seconds":-17.999987878,"wall_before_step":"2026-11-28T20:35:17.820Z","wall_after_step":"2026-11-28T20:34:59.820Z","window_seconds":58.138773248,"window_begins_boottime_seconds":85.259508992,"window_ends_boottime_seconds":143.39828224,"suspended_seconds":0.0,"boot_id":"0537c46d-8c61-4ecb-8156-96acd708ca15","leap_second":false,"author":"likely ntpd: \"CLOCK: time stepped by -17.999951\"","author_programs":["ntpd"],"author_lines":["Nov 28 20:34:35 lab daemon.warn ntpd[789]: CLOCK: time stepped by -17.999951"],"noticed_lines":[],"able_to_step":["ntpd (pid 789)"],"logs_not_read":{},"likely_causes":["ntp_can_step.unlimited","ntp_can_step.large_only","ntp_can_step.startup_only"],"ruled_out_causes":["ntp_can_step.large_only","ntp_can_step.startup_only"]}',1,150154910592,1795898106577256287,1,150154910592,1795898106577256287,1,150154910592,1795898106577256287,NULL,NULL,NULL,1,'[1,2]',0,0,'critical');
INSERT INTO "incidents" VALUES(4,'service.killed_by_clock_step','dovecot.service','critical','firing','Dovecot killed 1 of its own processes (imap): the clock went back by at least 16.0 s; its master starts no new services for 9.1 s; it logged: "Nov 28 20:34:37 imap(794): Fatal: Time just moved backwards by 15.998652 seconds"','{"shown_by":"log","line":"Nov 28 20:34:37 imap(794): Fatal: Time just moved backwards by 15.998652 seconds. This might cause a lot of problems, so I''ll just kill myself now. http://wiki2.dovecot.org/TimeMovedBackwards","killed_processes":1,"sleeping_processes":0,"refuses_seconds":9.054,"moved_seconds":15.998652,"moved_seconds_remark":"counted from the process''s last known time, so less than the step itself"}',1,150154910592,1795898106577256287,1,150154910592,1795898106577256287,1,150154910592,1795898106577256287,NULL,NULL,NULL,1,'[3]',1,0,NULL);
INSERT INTO "incidents" VALUES(5,'service.down','dovecot.service','critical','resolved','dovecot.service must run and does not: no process runs /usr/sbin/dovecot','{"restarts":0,"crashed":true}',1,150154910592,1795898106577256287,1,437310388177,1795898393732733744,1,199682287232,1795898156104632927,1,474613566801,1795898431035911984,1,'[4]',0,0,NULL);
INSERT INTO "incidents" VALUES(6,'ntp_can_step.large_only','ntpd','warning','firing','ntpsec ntpd may set the clock back at any time when it is off by more than 600 s (-x raises the threshold to 600 s, no more)','{"advice":"put `tinker step 0` into /etc/ntpsec/ntp.conf, then systemctl restart ntpsec: it then slews, about 2000 s for each second of offset, and never steps","program":"ntpsec ntpd","pids":[957],"argv":["/usr/sbin/ntpd","-p","/run/ntpd.pid","-c","/etc/ntpsec/ntp.conf","-g","-N","-x","-u","ntpsec:ntpsec"],"config_path":"/etc/ntpsec/ntp.conf","config_files":["/etc/ntpsec/ntp.conf","/etc/ntpsec/ntp.d"],"config_newer_than_process":false,"restart_pending":false,"back_beyond_seconds":600.0,"forward_beyond_seconds":600.0,"start_beyond_seconds":null,"overridden":[],"because":"-x raises the threshold to 600 s, no more","fragile_running":["dovecot"],"not_seen":"what chronyc makestep or ntpq :config changed at run time"}',1,309395269457,1795898265817616176,1,512060566481,1795898468482913328,1,309395269457,1795898265817616176,NULL,NULL,NULL,1,'[]',0,0,'warning');
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
INSERT INTO "journal" VALUES(4,0,'{"step":"WriteFile","path":"/etc/default/ntpsec","before":"NTPD_OPTS=\"-g -N\"\n\n# Set to \"yes\" to ignore DHCP servers returned by DHCP.\nIGNORE_DHCP=\"\"\n\n# If you use certbot to obtain a certificate for ntpd, provide its name here.\n# The ntpsec deploy hook for certbot will handle copying and permissioning the\n# certificate and key files.\nNTPSEC_CERTBOT_CERT_NAME=\"\"\n","after":"NTPD_OPTS=\"-g -N -x\"\n\n# Set to \"yes\" to ignore DHCP servers returned by DHCP.\nIGNORE_DHCP=\"\"\n\n# If you use certbot to obtain a certificate for ntpd, provide its name here.\n# The ntpsec deploy hook for certbot will handle copying and permissioning the\n# certificate and key files.\nNTPSEC_CERTBOT_CERT_NAME=\"\"\n","mode":420,"own":false}','{"step":"WriteFile","path":"/etc/default/ntpsec","before":"NTPD_OPTS=\"-g -N -x\"\n\n# Set to \"yes\" to ignore DHCP servers returned by DHCP.\nIGNORE_DHCP=\"\"\n\n# If you use certbot to obtain a certificate for ntpd, provide its name here.\n# The ntpsec deploy hook for certbot will handle copying and permissioning the\n# certificate and key files.\nNTPSEC_CERTBOT_CERT_NAME=\"\"\n","after":"NTPD_OPTS=\"-g -N\"\n\n# Set to \"yes\" to ignore DHCP servers returned by DHCP.\nIGNORE_DHCP=\"\"\n\n# If you use certbot to obtain a certificate for ntpd, provide its name here.\n# The ntpsec deploy hook for certbot will handle copying and permissioning the\n# certificate and key files.\nNTPSEC_CERTBOT_CERT_NAME=\"\"\n","mode":420,"own":false}','done','wrote /etc/default/ntpsec',1,279997976704,1795898236420322143,1,280120909312,1795898236543255391);
INSERT INTO "journal" VALUES(4,1,'{"step":"UnitAction","unit":"ntpsec","action":"restart","again_on_undo":true}','{"step":"UnitAction","unit":"ntpsec","action":"restart","again_on_undo":true}','done','ntpsec: restart done',1,280163725696,1795898236586071135,1,289685352576,1795898246107698271);
INSERT INTO "journal" VALUES(5,0,'{"step":"RunCommand","argv":["vmware-toolbox-cmd","timesync","disable"],"undo":[],"timeout_seconds":30.0}',NULL,'done','Disabled',1,335436739281,1795898291859084336,1,335703367505,1795898292125713200);
INSERT INTO "journal" VALUES(8,0,'{"step":"UnitAction","unit":"dovecot.service","action":"start","again_on_undo":false}','{"step":"UnitAction","unit":"dovecot.service","action":"stop","again_on_undo":false}','done','dovecot.service: start done',1,444957081297,1795898401379427632,1,456810340945,1795898413232686896);
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
INSERT INTO "memories" VALUES(2,X'7B22626F6F745F6964223A2230353337633436642D386336312D346563622D383135362D393661636437303863613135222C22626F6F7474696D655F6E73223A3530363330393239353832352C2277616C6C5F6E73223A313739353839383436323733313634323637322C2273757370656E6465645F7365636F6E6473223A2D302E3030303033383635363030303031353138303332352C226C6F67223A7B226D61726B73223A7B226A6F75726E616C223A7B22626F6F745F6964223A223035333763343664386336313465636238313536393661636437303863613135222C226D6F6E6F746F6E69635F7573223A3530363234363430367D2C222F7661722F6C6F672F7379736C6F67223A7B22696E6F6465223A322C22686561645F637263223A3838373831353632392C226F6666736574223A343335357D2C222F7661722F6C6F672F6D65737361676573223A7B7D2C222F7661722F6C6F672F6D61696C2E6C6F67223A7B7D2C222F7661722F6C6F672F6D61696C6C6F67223A7B7D2C222F7661722F6C6F672F6461656D6F6E2E6C6F67223A7B7D2C222F7661722F6C6F672F6E74702E6C6F67223A7B7D2C222F7661722F6C6F672F6E7470642E6C6F67223A7B7D2C222F7661722F6C6F672F6E74707365632F6E7470642E6C6F67223A7B7D2C222F7661722F6C6F672F6368726F6E792F6368726F6E79642E6C6F67223A7B7D2C222F7661722F6C6F672F766D776172652D766D7376632D726F6F742E6C6F67223A7B7D2C222F7661722F6C6F672F766D776172652D766D7376632E6C6F67223A7B7D7D7D2C226F776564223A6E756C6C7D',1,512060566481,1795898468482913328);
INSERT INTO "memories" VALUES(3,X'7B22626F6F745F6964223A2230353337633436642D386336312D346563622D383135362D393661636437303863613135222C22636F75727365223A7B226C617374223A7B22626F6F7474696D655F6E73223A3531303831323735303830312C2277616C6C5F6E73223A313739353839383436373233353039363838302C2273757370656E6465645F7365636F6E6473223A2D302E30303030353630363339393939373735393538312C226F66667365745F7365636F6E6473223A2D302E3030333134313833333633353133313833362C22726F756E645F747269705F7365636F6E6473223A302E3031303133373436353138323836313332397D2C22616E63686F72223A7B22626F6F7474696D655F6E73223A3134393334333830333634382C2277616C6C5F6E73223A313739353839383130353736363134393231352C2273757370656E6465645F7365636F6E6473223A2D302E30303030323739303430303030303636323838352C226F66667365745F7365636F6E6473223A2D302E3032353530333639303935343833333938352C22726F756E645F747269705F7365636F6E6473223A302E3035373330303637383732333633323831347D7D2C2270617469656E63655F656E64735F626F6F7474696D655F6E73223A6E756C6C2C2261736B6564223A7B22626F6F745F6964223A2230353337633436642D386336312D346563622D383135362D393661636437303863613135222C22626F6F7474696D655F6E73223A3531303831323735303830312C2277616C6C5F6E73223A313739353839383436373233353039363838302C2273757370656E6465645F7365636F6E6473223A2D302E30303030353630363339393939373735393538312C226E616D6573223A5B223139322E302E322E3130225D2C2273657276657273223A5B7B226E616D65223A223139322E302E322E3130222C2261646472657373223A223139322E302E322E3130222C22616E73776572223A7B226F66667365745F7365636F6E6473223A2D302E3030333134313833333633353133313833362C22726F756E645F747269705F7365636F6E6473223A302E3031303133373436353138323836313332392C227374726174756D223A322C226C656170223A302C22726F6F745F64656C61795F7365636F6E6473223A302E3030313030373038303037383132352C22726F6F745F64697370657273696F6E5F7365636F6E6473223A302E3030313030373038303037383132357D2C2270726F626C656D223A22222C226B697373223A22227D5D7D2C227265667573616C73223A5B5D2C226E6F746564223A5B22636C6F636B3A20666577225D7D',1,512060566481,1795898468482913328);
INSERT INTO "memories" VALUES(7,X'7B22626F6F745F6964223A2230353337633436642D386336312D346563622D383135362D393661636437303863613135222C22696E5F656666656374223A5B7B22706964223A3935372C22737461727465645F626F6F7474696D655F7365636F6E6473223A3238362E35342C22706F776572223A7B2262656361757365223A222D782072616973657320746865207468726573686F6C6420746F2036303020732C206E6F206D6F7265222C22646563696465645F6279223A222D78222C226261636B5F6265796F6E645F7365636F6E6473223A3630302E302C22666F72776172645F6265796F6E645F7365636F6E6473223A3630302E302C2273746172745F6265796F6E645F7365636F6E6473223A6E756C6C2C22646563696465645F696E223A22222C226F76657272696464656E223A5B5D7D7D5D2C226E6F746564223A5B5D7D',1,512060566481,1795898468482913328);
INSERT INTO "memories" VALUES(9,X'7B22626F6F745F6964223A2230353337633436642D386336312D346563622D383135362D393661636437303863613135222C22626F6F7474696D655F6E73223A3530363935363639323433332C2277616C6C5F6E73223A313739353839383436333337393033383030302C227570223A7B22646F7665636F742E73657276696365223A307D2C226E6F745F75705F73696E6365223A7B7D2C226C6F67223A7B226D61726B73223A7B222F7661722F6C6F672F7379736C6F67223A7B22696E6F6465223A322C22686561645F637263223A3838373831353632392C226F6666736574223A343335357D2C222F7661722F6C6F672F6D65737361676573223A7B7D2C222F7661722F6C6F672F6D61696C2E6C6F67223A7B7D2C222F7661722F6C6F672F6D61696C6C6F67223A7B7D2C222F7661722F6C6F672F6461656D6F6E2E6C6F67223A7B7D2C222F7661722F6C6F672F646F7665636F742E6C6F67223A7B22696E6F6465223A332C22686561645F637263223A3934373835313037352C226F6666736574223A313035347D7D7D2C227365656E5F7570223A5B22646F7665636F742E73657276696365225D7D',1,512060566481,1795898468482913328);
INSERT INTO "memories" VALUES(10,X'7B2273756D6D6172696573223A5B22706572696F6469632074696D652073796E63206973206F66663B206F6E652D6F66662073796E63732028726573756D652C20736E617073686F742C20764D6F74696F6E29206172652074686520564D27732073657474696E6773206F6E2074686520686F73742C206E6F742076697369626C652066726F6D2068657265225D7D',1,512060566481,1795898468482913328);
INSERT INTO "memories" VALUES(12,X'7B226661696C75726573223A7B7D2C22726561736F6E73223A7B7D2C2270696E67223A22227D',1,512060566481,1795898468482913328);
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
INSERT INTO "metrics" VALUES(60,1,1,1,1795898069,1,1.0,1.0,1.0,1.0);
INSERT INTO "metrics" VALUES(60,1,2,1,1795898106,1,0.0,0.0,0.0,0.0);
INSERT INTO "metrics" VALUES(60,1,2,2,1795898106,1,-17.999987878,-17.999987878,-17.999987878,-17.999987878);
INSERT INTO "metrics" VALUES(60,1,2,3,1795898106,1,1.0,1.0,1.0,1.0);
INSERT INTO "metrics" VALUES(60,1,2,4,1795898106,1,0.0,0.0,0.0,0.0);
INSERT INTO "metrics" VALUES(60,1,2,5,1795898106,1,16.0,16.0,16.0,16.0);
INSERT INTO "metrics" VALUES(60,1,2,6,1795898106,1,-2.55036909548339851827e-02,-2.55036909548339851827e-02,-2.55036909548339851827e-02,-2.55036909548339851827e-02);
INSERT INTO "metrics" VALUES(60,1,2,7,1795898106,1,5.73006787236328141155e-02,5.73006787236328141155e-02,5.73006787236328141155e-02,5.73006787236328141155e-02);
INSERT INTO "metrics" VALUES(60,1,2,8,1795898106,1,0.0,0.0,0.0,0.0);
INSERT INTO "metrics" VALUES(60,1,3,1,1795898156,1,0.0,0.0,0.0,0.0);
INSERT INTO "metrics" VALUES(60,1,3,2,1795898156,1,0.0,0.0,0.0,0.0);
INSERT INTO "metrics" VALUES(60,1,3,3,1795898156,1,0.0,0.0,0.0,0.0);
INSERT INTO "metrics" VALUES(60,1,3,4,1795898156,1,0.0,0.0,0.0,0.0);
INSERT INTO "metrics" VALUES(60,1,3,5,1795898156,1,16.0,16.0,16.0,16.0);
INSERT INTO "metrics" VALUES(60,1,3,6,1795898156,1,-1.05902801839599606387e-02,-1.05902801839599606387e-02,-1.05902801839599606387e-02,-1.05902801839599606387e-02);
INSERT INTO "metrics" VALUES(60,1,3,7,1795898156,1,2.61720917399902337774e-02,2.61720917399902337774e-02,2.61720917399902337774e-02,2.61720917399902337774e-02);
INSERT INTO "metrics" VALUES(60,1,3,8,1795898156,1,0.0,0.0,0.0,0.0);
INSERT INTO "metrics" VALUES(60,1,4,1,1795898233,1,0.0,0.0,0.0,0.0);
INSERT INTO "metrics" VALUES(60,1,4,2,1795898233,1,0.0,0.0,0.0,0.0);
INSERT INTO "metrics" VALUES(60,1,4,3,1795898233,1,0.0,0.0,0.0,0.0);
INSERT INTO "metrics" VALUES(60,1,4,4,1795898233,1,0.0,0.0,0.0,0.0);
INSERT INTO "metrics" VALUES(60,1,4,5,1795898233,1,16.0,16.0,16.0,16.0);
INSERT INTO "metrics" VALUES(60,1,4,6,1795898233,1,-8.11060291052246098986e-03,-8.11060291052246098986e-03,-8.11060291052246098986e-03,-8.11060291052246098986e-03);
INSERT INTO "metrics" VALUES(60,1,4,7,1795898233,1,1.65702506208496094797e-02,1.65702506208496094797e-02,1.65702506208496094797e-02,1.65702506208496094797e-02);
INSERT INTO "metrics" VALUES(60,1,4,8,1795898233,1,0.0,0.0,0.0,0.0);
INSERT INTO "metrics" VALUES(60,1,5,1,1795898265,3,0.0,0.0,0.0,0.0);
INSERT INTO "metrics" VALUES(60,1,5,2,1795898265,3,0.0,0.0,0.0,0.0);
INSERT INTO "metrics" VALUES(60,1,5,3,1795898265,3,0.0,0.0,0.0,0.0);
INSERT INTO "metrics" VALUES(60,1,5,4,1795898265,3,0.0,0.0,0.0,0.0);
INSERT INTO "metrics" VALUES(60,1,5,5,1795898265,3,0.009516,0.028016,0.060548,0.028016);
INSERT INTO "metrics" VALUES(60,1,5,6,1795898265,3,-4.68852633386230427392e-03,1.24216124779052729254e-02,4.03493470922851663051e-03,1.24216124779052729254e-02);
INSERT INTO "metrics" VALUES(60,1,5,7,1795898265,3,1.00036166936035147978e-02,2.85377412307128916491e-02,4.86441885039062479889e-02,2.85377412307128916491e-02);
INSERT INTO "metrics" VALUES(60,1,5,8,1795898265,3,0.0,0.0,0.0,0.0);
INSERT INTO "metrics" VALUES(60,1,6,1,1795898317,1,0.0,0.0,0.0,0.0);
INSERT INTO "metrics" VALUES(60,1,6,2,1795898317,1,0.0,0.0,0.0,0.0);
INSERT INTO "metrics" VALUES(60,1,6,3,1795898317,1,0.0,0.0,0.0,0.0);
INSERT INTO "metrics" VALUES(60,1,6,4,1795898317,1,0.0,0.0,0.0,0.0);
INSERT INTO "metrics" VALUES(60,1,6,5,1795898317,1,0.036016,0.036016,0.036016,0.036016);
INSERT INTO "metrics" VALUES(60,1,6,6,1795898317,1,-1.97335931333007807975e-02,-1.97335931333007807975e-02,-1.97335931333007807975e-02,-1.97335931333007807975e-02);
INSERT INTO "metrics" VALUES(60,1,6,7,1795898317,1,4.0423721605957030345e-02,4.0423721605957030345e-02,4.0423721605957030345e-02,4.0423721605957030345e-02);
INSERT INTO "metrics" VALUES(60,1,6,8,1795898317,1,0.0,0.0,0.0,0.0);
INSERT INTO "metrics" VALUES(60,1,7,1,1795898393,2,0.0,1.0,1.0,1.0);
INSERT INTO "metrics" VALUES(60,1,7,2,1795898393,2,0.0,0.0,0.0,0.0);
INSERT INTO "metrics" VALUES(60,1,7,3,1795898393,2,0.0,0.0,0.0,0.0);
INSERT INTO "metrics" VALUES(60,1,7,4,1795898393,2,0.0,0.0,0.0,0.0);
INSERT INTO "metrics" VALUES(60,1,7,5,1795898393,2,0.074516,0.093016,1.67532000000000014239e-01,0.093016);
INSERT INTO "metrics" VALUES(60,1,7,6,1795898393,2,-1.38255341101074218784e-02,-5.12581660424804748388e-03,-1.89513507143554693623e-02,-1.38255341101074218784e-02);
INSERT INTO "metrics" VALUES(60,1,7,7,1795898393,2,1.05472722465820324677e-02,2.88898911572265625069e-02,3.94371634038085949747e-02,2.88898911572265625069e-02);
INSERT INTO "metrics" VALUES(60,1,7,8,1795898393,2,0.0,0.0,0.0,0.0);
INSERT INTO "metrics" VALUES(60,1,8,1,1795898468,1,1.0,1.0,1.0,1.0);
INSERT INTO "metrics" VALUES(60,1,8,2,1795898468,1,0.0,0.0,0.0,0.0);
INSERT INTO "metrics" VALUES(60,1,8,3,1795898468,1,0.0,0.0,0.0,0.0);
INSERT INTO "metrics" VALUES(60,1,8,4,1795898468,1,0.0,0.0,0.0,0.0);
INSERT INTO "metrics" VALUES(60,1,8,5,1795898468,1,0.111516,0.111516,0.111516,0.111516);
INSERT INTO "metrics" VALUES(60,1,8,6,1795898468,1,-3.14183363513183613879e-03,-3.14183363513183613879e-03,-3.14183363513183613879e-03,-3.14183363513183613879e-03);
INSERT INTO "metrics" VALUES(60,1,8,7,1795898468,1,1.01374651828613285275e-02,1.01374651828613285275e-02,1.01374651828613285275e-02,1.01374651828613285275e-02);
INSERT INTO "metrics" VALUES(60,1,8,8,1795898468,1,0.0,0.0,0.0,0.0);
INSERT INTO "metrics" VALUES(3600,1,0,1,1795898069,11,0.0,1.0,3.0,1.0);
INSERT INTO "metrics" VALUES(3600,1,0,2,1795898106,10,-17.999987878,0.0,-17.999987878,0.0);
INSERT INTO "metrics" VALUES(3600,1,0,3,1795898106,10,0.0,1.0,1.0,0.0);
INSERT INTO "metrics" VALUES(3600,1,0,4,1795898106,10,0.0,0.0,0.0,0.0);
INSERT INTO "metrics" VALUES(3600,1,0,5,1795898106,10,0.009516,16.0,48.375612,0.111516);
INSERT INTO "metrics" VALUES(3600,1,0,6,1795898106,10,-2.55036909548339851827e-02,1.24216124779052729254e-02,-8.19964168228759782142e-02,-3.14183363513183613879e-03);
INSERT INTO "metrics" VALUES(3600,1,0,7,1795898106,10,1.00036166936035147978e-02,5.73006787236328141155e-02,2.38685559781005862678e-01,1.01374651828613285275e-02);
INSERT INTO "metrics" VALUES(3600,1,0,8,1795898106,10,0.0,0.0,0.0,0.0);
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
INSERT INTO "notes" VALUES(1,2,'clock','first reading of the clocks: steps show from the next run on','{}',1,95236899712,1795898069659234309,'');
INSERT INTO "notes" VALUES(2,3,'clock','one NTP server answers: nothing would tell if it is wrong; configure four','{"about":"few"}',1,150154910592,1795898106577256287,'');
INSERT INTO "notes" VALUES(3,2,'clock','clock went back 18.0 s within the last 58.1 s, now 2026-11-28T20:34:59.820Z (alert at 0.5 s); beyond 5.0 s Dovecot kills its sessions and databases may refuse to go on; likely ntpd: "CLOCK: time stepped by -17.999951"','{"step_seconds":-17.999987878,"wall_before_step":"2026-11-28T20:35:17.820Z","wall_after_step":"2026-11-28T20:34:59.820Z","window_seconds":58.138773248,"window_begins_boottime_seconds":85.259508992,"window_ends_boottime_seconds":143.39828224,"suspended_seconds":0.0,"boot_id":"0537c46d-8c61-4ecb-8156-96acd708ca15","leap_second":false,"author":"likely ntpd: \"CLOCK: time stepped by -17.999951\"","author_programs":["ntpd"],"author_lines":["Nov 28 20:34:35 lab daemon.warn ntpd[789]: CLOCK: time stepped by -17.999951"],"noticed_lines":[],"able_to_step":["ntpd (pid 789)"],"logs_not_read":{},"likely_causes":["ntp_can_step.unlimited","ntp_can_step.large_only","ntp_can_step.startup_only"],"ruled_out_causes":["ntp_can_step.large_only","ntp_can_step.startup_only"]}',1,150154910592,1795898106577256287,'clock_step.backward');
INSERT INTO "notes" VALUES(4,9,'dovecot.service','Dovecot killed 1 of its own processes (imap): the clock went back by at least 16.0 s; its master starts no new services for 9.1 s; it logged: "Nov 28 20:34:37 imap(794): Fatal: Time just moved backwards by 15.998652 seconds"','{"shown_by":"log","line":"Nov 28 20:34:37 imap(794): Fatal: Time just moved backwards by 15.998652 seconds. This might cause a lot of problems, so I''ll just kill myself now. http://wiki2.dovecot.org/TimeMovedBackwards","killed_processes":1,"sleeping_processes":0,"refuses_seconds":9.054,"moved_seconds":15.998652,"moved_seconds_remark":"counted from the process''s last known time, so less than the step itself"}',1,150154910592,1795898106577256287,'service.killed_by_clock_step');
INSERT INTO "notes" VALUES(5,10,'vmware-tools','periodic time sync is off; one-off syncs (resume, snapshot, vMotion) are the VM''s settings on the host, not visible from here','{"tool_exit_code":69,"tool_said":"Disabled","tools_version":"12.2.0.41219 (build-21223074)","tools_conf_disables":"","on_vmware_because":"DMI product_name is VMware20,1","host_settings_not_visible_from_a_guest":["tools.syncTime","time.synchronize.allow","time.synchronize.continue","time.synchronize.restore","time.synchronize.resume.disk","time.synchronize.resume.host","time.synchronize.shrink","time.synchronize.tools.startup","time.synchronize.tools.enable"]}',1,344609726033,1795898301032071728,'');
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
INSERT INTO "series" VALUES(1,9,'dovecot.service','up');
INSERT INTO "series" VALUES(2,2,'clock','step_seconds');
INSERT INTO "series" VALUES(3,2,'clock','steps');
INSERT INTO "series" VALUES(4,3,'clock','frequency_ppm');
INSERT INTO "series" VALUES(5,3,'clock','maxerror_seconds');
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
INSERT INTO "spans" VALUES(1,1,'not_applicable','no bond on this host',1,95236899712,1795898069659234309,512060566481,1795898468482913328,11,77802320384);
INSERT INTO "spans" VALUES(2,2,'ok','',1,95236899712,1795898069659234309,95236899712,1795898069659234309,1,0);
INSERT INTO "spans" VALUES(3,3,'unknown','still running after its time limit of 10s; left behind',1,95236899712,1795898069659234309,95236899712,1795898069659234309,1,0);
INSERT INTO "spans" VALUES(4,4,'not_applicable','no virtual address on lo or a dummy of this host, and no pool by direct routing',1,95236899712,1795898069659234309,512060566481,1795898468482913328,11,77802320384);
INSERT INTO "spans" VALUES(5,5,'not_applicable','no IPVS on this host',1,95236899712,1795898069659234309,512060566481,1795898468482913328,11,77802320384);
INSERT INTO "spans" VALUES(6,6,'not_applicable','no default route, so no gateway to answer through',1,95236899712,1795898069659234309,512060566481,1795898468482913328,11,77802320384);
INSERT INTO "spans" VALUES(7,7,'critical','',1,95236899712,1795898069659234309,95236899712,1795898069659234309,1,0);
INSERT INTO "spans" VALUES(8,8,'not_applicable','no proxy listens here, no IPVS pool is on a proxy''s port, [[checks.proxy_port.targets]] names none',1,95236899712,1795898069659234309,512060566481,1795898468482913328,11,77802320384);
INSERT INTO "spans" VALUES(9,9,'ok','',1,95236899712,1795898069659234309,95236899712,1795898069659234309,1,0);
INSERT INTO "spans" VALUES(10,10,'warning','',1,95236899712,1795898069659234309,334286081873,1795898290708428848,6,77802320384);
INSERT INTO "spans" VALUES(11,11,'not_applicable','no keepalived runs here, and [checks.vrrp] names no interface to listen on',1,95236899712,1795898069659234309,512060566481,1795898468482913328,11,77802320384);
INSERT INTO "spans" VALUES(12,12,'ok','',1,95236899712,1795898069659234309,512060566481,1795898468482913328,11,77802320384);
INSERT INTO "spans" VALUES(13,2,'critical','',1,150154910592,1795898106577256287,150154910592,1795898106577256287,1,0);
INSERT INTO "spans" VALUES(14,3,'ok','',1,150154910592,1795898106577256287,512060566481,1795898468482913328,10,77802320384);
INSERT INTO "spans" VALUES(15,7,'warning','',1,150154910592,1795898106577256287,512060566481,1795898468482913328,10,77802320384);
INSERT INTO "spans" VALUES(16,9,'critical','',1,150154910592,1795898106577256287,437310388177,1795898393732733744,8,77802320384);
INSERT INTO "spans" VALUES(17,2,'ok','',1,199682287232,1795898156104632927,512060566481,1795898468482913328,9,77802320384);
INSERT INTO "spans" VALUES(18,10,'ok','',1,344609726033,1795898301032071728,512060566481,1795898468482913328,5,76510485888);
INSERT INTO "spans" VALUES(19,9,'ok','',1,474613566801,1795898431035911984,512060566481,1795898468482913328,2,37446999680);
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
INSERT INTO "transitions" VALUES(1,1,1,95236899712,1795898069659234309,NULL,'firing','found');
INSERT INTO "transitions" VALUES(2,2,1,95236899712,1795898069659234309,NULL,'firing','found');
INSERT INTO "transitions" VALUES(3,3,1,150154910592,1795898106577256287,NULL,'firing','found');
INSERT INTO "transitions" VALUES(4,4,1,150154910592,1795898106577256287,NULL,'firing','found');
INSERT INTO "transitions" VALUES(5,5,1,150154910592,1795898106577256287,NULL,'pending','found; fires when it has lasted 20.0 s');
INSERT INTO "transitions" VALUES(6,5,1,199682287232,1795898156104632927,'pending','firing','still found after 20.0 s');
INSERT INTO "transitions" VALUES(7,6,1,309395269457,1795898265817616176,NULL,'firing','found');
INSERT INTO "transitions" VALUES(8,1,1,309395269457,1795898265817616176,'firing','resolved','no longer found');
INSERT INTO "transitions" VALUES(9,2,1,344609726033,1795898301032071728,'firing','resolved','no longer found');
INSERT INTO "transitions" VALUES(10,5,1,474613566801,1795898431035911984,'firing','resolved','no longer found');
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
INSERT INTO "upkeep" VALUES(1,7,1,75811290752,1795898050233625861,1,95236899712,1795898069659234309,24,'bdc163d212f140638af4fcb6023caaa1a6209e67cbc27a83b8033fbe6d8cec46');
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
