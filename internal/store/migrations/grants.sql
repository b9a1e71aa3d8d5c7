-- What each phase may do. Run by the owner after every migration; :technical and
-- the like stand for the theme's roles. There is no UPDATE or DELETE on truth for
-- any of them, but for retain's right to destroy.
REVOKE ALL ON ALL TABLES IN SCHEMA public FROM :technical, :analysis, :operational, :retain, :audit, :record;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO :technical, :analysis, :operational, :retain, :audit, :record;

-- technical: collects. It reads the register and its own frontier, adds captures,
-- and cannot read adverts, versions, entities, results or the audit trail.
GRANT SELECT, INSERT ON moment TO :technical;
GRANT SELECT ON source, decision, recipe, simulated TO :technical;
GRANT SELECT, INSERT ON run, run_end, robots, absent TO :technical;
GRANT SELECT (id, seq, source, run, kind, page, final_page, status, at, failed, not_content, had, missing, outside, bytes, total), INSERT ON capture TO :technical;
GRANT INSERT ON item, outbox, record, audit TO :technical;
GRANT SELECT (seq, kind, ref, build) ON record TO :technical;
GRANT SELECT (id, sha256) ON token TO :technical;
GRANT SELECT, INSERT, UPDATE ON frontier TO :technical;
GRANT SELECT, UPDATE (taken) ON wish TO :technical;
GRANT SELECT ON cursor TO :technical;
GRANT SELECT, UPDATE (taken, lease_until, done, capture, failure, detail) ON wanted TO :technical;

-- analysis: extracts, searches, judges; people work through it as well.
GRANT SELECT, INSERT ON moment, source, decision, recipe TO :analysis;
GRANT SELECT ON run, run_end, capture, item, outbox, robots, absent, simulated TO :analysis;
GRANT SELECT, INSERT ON advert, advert_page, version, entity, contact, sighting, absence, gone, relisted, picture, version_picture TO :analysis;
GRANT USAGE ON SEQUENCE advert_id_seq, version_id_seq, picture_id_seq TO :analysis;
GRANT SELECT ON tombstone TO :analysis;
GRANT SELECT, INSERT ON result TO :analysis;
GRANT INSERT, SELECT (id) ON audit TO :analysis;
GRANT INSERT ON outbox TO :analysis;
GRANT SELECT, INSERT ON record TO :analysis;
GRANT SELECT ON checkpoint, token, recording TO :analysis;
GRANT SELECT, INSERT, UPDATE ON cursor TO :analysis;
GRANT SELECT, INSERT ON wish TO :analysis;
GRANT SELECT ON frontier TO :analysis;
GRANT SELECT, INSERT, UPDATE ON looked TO :analysis;
GRANT SELECT, INSERT, UPDATE, DELETE ON current_advert, daily, lead, found TO :analysis;
GRANT SELECT, INSERT ON indicator_set, round, assessment TO :analysis;
GRANT SELECT, INSERT ON feedback, feedback_undo, version_name, correction, correction_undo, claim, trouble, trouble_state TO :analysis;
GRANT SELECT, INSERT ON seal, sealed, seal_picture, seal_step, wanted, trail_key TO :analysis;
GRANT SELECT, INSERT, UPDATE ON look, preference TO :analysis;
GRANT SELECT, INSERT ON erasure, erasure_step, exported, exported_capture, hold, hold_lift, hold_end TO :analysis;
GRANT SELECT ON erased, erase_hole, held TO :analysis;
GRANT USAGE ON SEQUENCE exported_id_seq TO :analysis;

-- operational: released signals only; there is no release yet, so nothing.
GRANT INSERT ON audit TO :operational;

-- retain: the only one that may delete.
GRANT SELECT, DELETE ON capture, item, version, entity, picture, version_picture, contact TO :retain;
GRANT SELECT, INSERT ON tombstone, moment, outbox, record, audit TO :retain;
GRANT UPDATE (salts, digest, page, final_page, url, canonical, final_url, pictures, detail) ON capture TO :retain;
GRANT UPDATE (url, price, place, title, body, folded, fields, digest, template) ON version TO :retain;
GRANT UPDATE (picture, failure, url, canonical, detail) ON version_picture TO :retain;
GRANT UPDATE (content, salt) ON record TO :retain;
GRANT SELECT, UPDATE (key, keyhash, canonical) ON advert TO :retain;
GRANT SELECT, DELETE ON assessment, advert_page, absent, look TO :retain;
GRANT SELECT, UPDATE (value, raw, start, stop, corrected, wording, municipality, unit) ON correction TO :retain;
GRANT SELECT, UPDATE (reason) ON feedback TO :retain;
GRANT SELECT, UPDATE (name) ON version_name TO :retain;
GRANT SELECT, UPDATE (subject, note) ON claim TO :retain;
GRANT SELECT, UPDATE (url, page, detail) ON wanted TO :retain;
GRANT SELECT, UPDATE (last_digest, last_full), DELETE ON frontier TO :retain;
GRANT SELECT, INSERT, UPDATE, DELETE ON current_advert, daily, lead TO :retain;
GRANT SELECT, DELETE ON found TO :retain;
GRANT SELECT ON run, sighting, seal, sealed, seal_picture, correction_undo, erasure, exported, exported_capture, hold, hold_lift, hold_end, held TO :retain;
GRANT SELECT, INSERT ON erasure_step, erased TO :retain;
GRANT UPDATE (count) ON erasure_step TO :retain;
GRANT SELECT, INSERT, DELETE ON erase_hole TO :retain;

-- record: fills the log. It reads leaves, which hold nothing but hashes, says where they
-- stand, and keeps what witnesses and timestamping authorities gave.
GRANT SELECT (id, ref, leaf, year, idx), UPDATE (year, idx) ON outbox TO :record;
GRANT SELECT, INSERT ON checkpoint, token TO :record;
GRANT SELECT, INSERT, UPDATE ON recording TO :record;

-- audit: reads the trail, the register and the completeness of runs.
GRANT SELECT ON simulated TO :audit, :retain, :operational;
GRANT SELECT ON audit, moment, source, decision, recipe, run, run_end TO :audit;
GRANT INSERT ON audit TO :audit;
-- What the record says about a case: who did what with what, and no content.
GRANT SELECT (id, seq, source, run, page, at, status, failed, not_content, had, missing, outside) ON capture TO :audit;
GRANT SELECT (id, seq, advert, n, source, seen_at, capture) ON version TO :audit;
GRANT SELECT (round, version, seq, score, indicators) ON assessment TO :audit;
GRANT SELECT ON round, indicator_set TO :audit;
GRANT SELECT (version, n, failure) ON version_picture TO :audit;
GRANT SELECT (id, seq, version, advert, type, name, at) ON correction TO :audit;
GRANT SELECT (id, idx, kind, ref) ON outbox TO :audit;
GRANT SELECT (id, kind, ref) ON record TO :audit;
GRANT SELECT (id, source, asked, taken, done, capture, failure) ON wanted TO :audit;
GRANT SELECT ON sighting, advert_page, tombstone, feedback, feedback_undo, correction_undo TO :audit;
GRANT SELECT ON erasure, erasure_step, erased, exported, exported_capture, hold, hold_lift, hold_end, held TO :audit;
