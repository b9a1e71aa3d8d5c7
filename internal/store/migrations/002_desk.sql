-- The analyst's desk: what indicators found, what people say of versions, who works on
-- what, and what was taken out of sight. As in 001: truth is append-only and has a seq;
-- tables under "state" and "projections" may be updated.

ALTER TABLE version
	ADD municipality text NOT NULL DEFAULT '', -- code, as of the day seen; '' where the page leaves it open
	ADD unit text NOT NULL DEFAULT '',         -- police unit of the municipality
	ADD template bigint NOT NULL DEFAULT 0;    -- of the text without its contact details, as store.template makes it; 0: too short
CREATE INDEX version_unit ON version (unit, seen_at DESC) WHERE unit <> '';
CREATE INDEX version_template ON version (template) WHERE template <> 0;

ALTER TABLE result ADD units jsonb NOT NULL DEFAULT '[]';

-- ---------------------------------------------------------------- truth: indicators
-- indicator_set holds sets of rules as they were, named by their content.
CREATE TABLE indicator_set (
	id    text PRIMARY KEY,
	seq   bigint NOT NULL,
	at    timestamptz NOT NULL,
	rules jsonb NOT NULL
);

-- round is a going through all versions with a set of rules; the newest is in force
-- for what it has come to. A set that returns gets another round.
CREATE TABLE round (
	id    int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	seq   bigint NOT NULL,
	rules text NOT NULL REFERENCES indicator_set
);

-- assessment is what a round found in a version. In force as of a seq is the one with
-- the greatest seq up to it.
CREATE TABLE assessment (
	round      int NOT NULL,
	version    bigint NOT NULL,
	seq        bigint NOT NULL,
	score      double precision NOT NULL, -- sum of the hits' weights
	indicators text[] NOT NULL,           -- that fired
	hits       jsonb NOT NULL,            -- [zoeklicht.Hit], by weight, largest first
	PRIMARY KEY (round, version)
);
CREATE INDEX assessment_version ON assessment (version, seq DESC);
CREATE INDEX assessment_indicators ON assessment USING gin (indicators);
CREATE INDEX assessment_score ON assessment (score) WHERE score > 0;

-- ---------------------------------------------------------------- truth: what people say
CREATE TABLE feedback (
	id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	seq     bigint NOT NULL,
	version bigint NOT NULL,
	advert  bigint NOT NULL,
	answer  text NOT NULL CHECK (answer IN ('yes','no','unclear')),
	reason  text NOT NULL,
	person  bigint NOT NULL,
	name    text NOT NULL,
	at      timestamptz NOT NULL
);
CREATE INDEX feedback_version ON feedback (version, person, id);
CREATE INDEX feedback_advert ON feedback (advert);

CREATE TABLE feedback_undo (
	feedback bigint PRIMARY KEY REFERENCES feedback,
	seq      bigint NOT NULL,
	at       timestamptz NOT NULL
);

-- feedback_as_of gives the answers that stood: of each person the last one about a
-- version that was not undone.
CREATE FUNCTION feedback_as_of(asof bigint) RETURNS SETOF feedback LANGUAGE sql STABLE AS $$
	SELECT f.* FROM feedback f WHERE f.seq <= asof
		AND NOT EXISTS (SELECT 1 FROM feedback_undo u WHERE u.feedback = f.id AND u.seq <= asof)
		AND NOT EXISTS (SELECT 1 FROM feedback l WHERE l.version = f.version AND l.person = f.person AND l.id > f.id AND l.seq <= asof
			AND NOT EXISTS (SELECT 1 FROM feedback_undo u WHERE u.feedback = l.id AND u.seq <= asof))
$$;

-- version_name: the newest of a version is its name; '' takes it away.
CREATE TABLE version_name (
	id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	seq     bigint NOT NULL,
	version bigint NOT NULL,
	advert  bigint NOT NULL,
	name    text NOT NULL,
	person  bigint NOT NULL,
	by_name text NOT NULL,
	at      timestamptz NOT NULL
);
CREATE INDEX version_name_advert ON version_name (advert, version, id DESC);

-- correction says that an entity was found wrongly: type to valid are the entity's as it
-- was found, value is '' where one was missed, and corrected the right value, '' for none.
CREATE TABLE correction (
	id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	seq        bigint NOT NULL,
	version    bigint NOT NULL,
	advert     bigint NOT NULL,
	type       text NOT NULL,
	value      text NOT NULL,
	raw        text NOT NULL,
	start      int NOT NULL,
	stop       int NOT NULL,
	obfuscated boolean NOT NULL,
	valid      boolean NOT NULL,
	corrected  text NOT NULL,
	person     bigint NOT NULL,
	name       text NOT NULL,
	at         timestamptz NOT NULL
);
CREATE INDEX correction_version ON correction (version);
CREATE INDEX correction_advert ON correction (advert);
CREATE INDEX correction_corrected ON correction (corrected) WHERE corrected <> '';

CREATE TABLE correction_undo (
	correction bigint PRIMARY KEY REFERENCES correction,
	seq        bigint NOT NULL,
	at         timestamptz NOT NULL
);

CREATE FUNCTION correction_as_of(asof bigint) RETURNS SETOF correction LANGUAGE sql STABLE AS $$
	SELECT c.* FROM correction c WHERE c.seq <= asof
		AND NOT EXISTS (SELECT 1 FROM correction_undo u WHERE u.correction = c.id AND u.seq <= asof)
$$;

-- phone_as_of gives the numbers of versions: those found, without those that a standing
-- correction takes away, and those that one adds. (It is expanded where it is used, so
-- that conditions on it reach the indexes of entity.)
CREATE FUNCTION phone_as_of(asof bigint) RETURNS TABLE (version bigint, value text, raw text, start int, stop int, valid boolean)
LANGUAGE sql STABLE AS $$
	SELECT e.version, e.value, e.raw, e.start, e.stop, e.valid FROM entity e
	WHERE e.type = 'phone' AND NOT EXISTS (SELECT 1 FROM correction_as_of(asof) c
		WHERE c.version = e.version AND c.type = 'phone' AND c.value = e.value AND c.start = e.start)
	UNION ALL
	SELECT c.version, c.corrected, c.raw, c.start, c.stop, true FROM correction_as_of(asof) c
	WHERE c.type = 'phone' AND c.corrected <> ''
$$;

-- claim is a step in the work on a subject; the newest of a subject says who has it.
-- known is the last seq when it was taken: what became known later is new.
CREATE TABLE claim (
	id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	subject text NOT NULL,
	kind    text NOT NULL CHECK (kind IN ('claim','park','hand-over','release','finish')),
	person  bigint NOT NULL,
	name    text NOT NULL,
	by      bigint NOT NULL,
	by_name text NOT NULL,
	at      timestamptz NOT NULL,
	until   timestamptz,
	note    text NOT NULL,
	known   bigint NOT NULL
);
CREATE INDEX claim_subject ON claim (subject, id DESC);

-- trouble is a report that something is wrong on a screen.
CREATE TABLE trouble (
	id     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	person bigint NOT NULL,
	name   text NOT NULL,
	at     timestamptz NOT NULL,
	screen text NOT NULL,
	report text NOT NULL
);
CREATE TABLE trouble_state (
	id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	trouble bigint NOT NULL REFERENCES trouble,
	state   text NOT NULL CHECK (state IN ('seen','mended','declined')),
	answer  text NOT NULL,
	person  bigint NOT NULL,
	name    text NOT NULL,
	at      timestamptz NOT NULL
);
CREATE INDEX trouble_state_trouble ON trouble_state (trouble, id DESC);

-- seal takes a version out of sight, as tombstone does, whatever the moment asked for.
CREATE TABLE seal (
	id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	seq     bigint NOT NULL,
	version bigint NOT NULL UNIQUE,
	advert  bigint NOT NULL,
	capture uuid NOT NULL,
	why     text NOT NULL CHECK (why IN ('suspected-minor','abuse','other')),
	person  bigint NOT NULL,
	name    text NOT NULL,
	at      timestamptz NOT NULL
);
-- seal_picture: what shows one of these is not shown anywhere.
CREATE TABLE seal_picture (
	picture bigint NOT NULL,
	seal    bigint NOT NULL REFERENCES seal,
	PRIMARY KEY (picture, seal)
);
CREATE TABLE seal_step (
	id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	seal    bigint NOT NULL REFERENCES seal,
	kind    text NOT NULL CHECK (kind IN ('take','done')),
	seq     bigint NOT NULL,
	person  bigint NOT NULL,
	name    text NOT NULL,
	at      timestamptz NOT NULL,
	outcome text NOT NULL,
	UNIQUE (seal, kind)
);

-- ---------------------------------------------------------------- state
-- look is when a person last looked at a subject; the audit trail has each look.
CREATE TABLE look (
	subject text NOT NULL,
	person  bigint NOT NULL,
	name    text NOT NULL,
	at      timestamptz NOT NULL,
	PRIMARY KEY (subject, person)
);

CREATE TABLE preference (
	person bigint PRIMARY KEY,
	unit   text NOT NULL
);

-- wanted are pages that people asked to have captured now. Only those whose source is
-- known are fetched.
CREATE TABLE wanted (
	id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	url         text NOT NULL,
	page        bytea NOT NULL, -- SHA-256 of the canonical URL
	source      text NOT NULL,
	person      bigint NOT NULL,
	name        text NOT NULL,
	asked       timestamptz NOT NULL,
	taken       timestamptz,
	lease_until timestamptz, -- on the wall's clock
	done        timestamptz,
	capture     uuid,
	failure     text NOT NULL DEFAULT '',
	detail      text NOT NULL DEFAULT ''
);
CREATE INDEX wanted_waiting ON wanted (id) WHERE done IS NULL AND source <> '';

-- ---------------------------------------------------------------- projections
ALTER TABLE daily ADD unit text NOT NULL DEFAULT '';
ALTER TABLE daily DROP CONSTRAINT daily_pkey, ADD PRIMARY KEY (day, source, place, lang, unit);

-- What the newest version of an advert is about: its first number, or the advert itself.
ALTER TABLE current_advert ADD subject text NOT NULL DEFAULT '';
UPDATE current_advert c SET subject = coalesce(
	(SELECT 'phone:' || e.value FROM entity e WHERE e.version = c.version AND e.type = 'phone' AND e.valid
	 ORDER BY e.stop = 0, e.start, e.value LIMIT 1), 'advert:' || c.advert);
CREATE INDEX current_advert_subject ON current_advert (subject);

-- lead has a row for each subject of newest versions that may be shown: the version
-- with the highest score among those online (or, with none online, among all), and the
-- newest seq of all of them.
CREATE TABLE lead (
	subject text PRIMARY KEY,
	version bigint NOT NULL,
	advert  bigint NOT NULL,
	unit    text NOT NULL,
	score   double precision NOT NULL,
	online  boolean NOT NULL,
	seen_at timestamptz NOT NULL,
	seq     bigint NOT NULL
);
CREATE INDEX lead_rank ON lead (score DESC, seen_at DESC, subject) INCLUDE (seq, unit) WHERE online AND score > 0;
CREATE INDEX lead_unit ON lead (unit, score DESC, seen_at DESC, subject) INCLUDE (seq) WHERE online AND score > 0;
INSERT INTO lead (subject, version, advert, unit, score, online, seen_at, seq)
SELECT DISTINCT ON (c.subject) c.subject, c.version, c.advert, v.unit, 0, c.gone_at IS NULL, v.seen_at, max(v.seq) OVER (PARTITION BY c.subject)
FROM current_advert c JOIN version v ON v.id = c.version
WHERE NOT EXISTS (SELECT 1 FROM tombstone t WHERE t.version = c.version)
ORDER BY c.subject, c.gone_at IS NULL DESC, v.seen_at DESC, c.version DESC;
