-- What the desk looks at most, laid out for looking. Both are projections, as in 001: made
-- again from the truth whenever need be. They are filled when the roles' rights are given
-- (store.ApplyGrants), as they are in a database that was put back from an older backup.

-- A lead carries the newest step in the work on its subject, so that who lists, or counts,
-- leads has no need of all steps that were ever taken.
ALTER TABLE lead
	ADD kind text NOT NULL DEFAULT '',  -- of the step; '' for none. The rest is as in claim
	ADD person bigint NOT NULL DEFAULT 0,
	ADD until timestamptz,
	ADD known bigint NOT NULL DEFAULT 0;
DROP INDEX lead_rank, lead_unit;
CREATE INDEX lead_rank ON lead (score DESC, seen_at DESC, subject) INCLUDE (seq, unit, kind, person, until, known) WHERE online AND score > 0;
CREATE INDEX lead_unit ON lead (unit, score DESC, seen_at DESC, subject) INCLUDE (seq, kind, person, until, known) WHERE online AND score > 0;
CREATE INDEX lead_work ON lead (kind, person) WHERE kind <> '';

-- found says from which seq up to before which a rule was among those that fired on a
-- version, by the assessment in force. A row of the rule '' says so of the score, where it
-- is more than 0. What a later round finds again has no row of its own.
CREATE TABLE found (
	indicator text NOT NULL,
	version   bigint NOT NULL,
	score     double precision NOT NULL, -- 0 but for the rule ''
	seen_at   timestamptz NOT NULL,      -- the version's
	since     bigint NOT NULL,
	until     bigint NOT NULL,           -- the greatest bigint while it is in force
	PRIMARY KEY (version, indicator, since) INCLUDE (until, score)
);
CREATE INDEX found_newest ON found (indicator, seen_at DESC, version DESC) INCLUDE (since, until, score);
