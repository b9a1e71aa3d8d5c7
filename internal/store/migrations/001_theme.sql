-- One theme's compartment. Truth is append-only: rows carry the seq at which
-- they became known and are never changed. Tables under "state" and
-- "projections" may be updated; projections can be dropped and rebuilt.

CREATE EXTENSION IF NOT EXISTS pg_trgm;

-- moment gives every commit of truth its number. A row is made under an
-- advisory lock held until COMMIT, so commit order is seq order and no late
-- commit lands in the past of a question that was answered.
CREATE TABLE moment (
	seq  bigint PRIMARY KEY,
	at   timestamptz NOT NULL, -- on the theme's clock, never decreasing
	wall timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX moment_at ON moment (at, seq);

-- ---------------------------------------------------------------- truth: sources
CREATE TABLE source (
	id          text PRIMARY KEY,
	seq         bigint NOT NULL,
	title       text NOT NULL,
	home        text NOT NULL,
	scope       jsonb NOT NULL,
	schedule    jsonb NOT NULL,
	priority    int NOT NULL,
	expected    text NOT NULL,
	proposed_by bigint NOT NULL,
	proposed_at timestamptz NOT NULL
);

CREATE TABLE decision (
	id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	seq            bigint NOT NULL,
	source         text NOT NULL REFERENCES source,
	kind           text NOT NULL CHECK (kind IN ('propose','vet','approve','suspend','reject','retire','recipe')),
	person         bigint NOT NULL,
	person_name    text NOT NULL,
	at             timestamptz NOT NULL,
	reason         text NOT NULL,
	answer         text NOT NULL DEFAULT '',
	review_by      timestamptz,
	considerations jsonb,
	recipe         int
);
CREATE INDEX decision_source ON decision (source, id);

-- Two persons: the approval must follow a vetting by someone else, with nothing
-- but recipes in between.
CREATE FUNCTION two_persons() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE last record;
BEGIN
	IF NEW.kind <> 'approve' THEN RETURN NEW; END IF;
	SELECT kind, person INTO last FROM decision
		WHERE source = NEW.source AND kind <> 'recipe' ORDER BY id DESC LIMIT 1;
	IF last IS NULL OR last.kind NOT IN ('vet') THEN
		RAISE EXCEPTION 'source % is not vetted', NEW.source USING ERRCODE = 'ZL001';
	END IF;
	IF last.person = NEW.person THEN
		RAISE EXCEPTION 'source % was vetted by the same person', NEW.source USING ERRCODE = 'ZL002';
	END IF;
	IF NEW.review_by IS NULL OR NEW.review_by <= NEW.at THEN
		RAISE EXCEPTION 'an approval of % needs a review date to come', NEW.source USING ERRCODE = 'ZL003';
	END IF;
	RETURN NEW;
END $$;
CREATE TRIGGER two_persons BEFORE INSERT ON decision FOR EACH ROW EXECUTE FUNCTION two_persons();

CREATE TABLE recipe (
	source  text NOT NULL REFERENCES source,
	version int NOT NULL,
	seq     bigint NOT NULL,
	body    text NOT NULL, -- YAML, as written
	sha256  bytea NOT NULL,
	person  bigint NOT NULL,
	at      timestamptz NOT NULL,
	PRIMARY KEY (source, version)
);

-- ---------------------------------------------------------------- truth: captures
CREATE TABLE run (
	id     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	seq    bigint NOT NULL,
	source text NOT NULL REFERENCES source,
	begun  timestamptz NOT NULL,
	cause  text NOT NULL
);
CREATE INDEX run_source ON run (source, id);

CREATE TABLE run_end (
	run      bigint PRIMARY KEY REFERENCES run,
	seq      bigint NOT NULL,
	ended    timestamptz NOT NULL,
	urls     int NOT NULL,
	captured int NOT NULL,
	failed   jsonb NOT NULL,
	pictures int NOT NULL,
	missing  int NOT NULL,
	outside  int NOT NULL,
	bytes    bigint NOT NULL,
	expected int NOT NULL,
	adverts  int NOT NULL,
	complete boolean NOT NULL,
	drift    text NOT NULL,
	stopped  text NOT NULL,
	seconds  double precision NOT NULL
);
CREATE INDEX run_end_seq ON run_end (seq);
CREATE INDEX run_end_ended ON run_end (ended);

CREATE TABLE capture (
	id          uuid PRIMARY KEY,
	seq         bigint NOT NULL,
	source      text NOT NULL,
	run         bigint NOT NULL,
	kind        text NOT NULL,
	page        bytea NOT NULL, -- SHA-256 of the canonical URL
	url         text NOT NULL,
	canonical   text NOT NULL,
	final_url   text NOT NULL,
	status      int NOT NULL,
	at          timestamptz NOT NULL,
	digest      bytea NOT NULL,
	unchanged   boolean NOT NULL,
	not_content text NOT NULL,
	failed      text NOT NULL,
	detail      text NOT NULL,
	final_page  bytea NOT NULL, -- SHA-256 of the canonical form of final_url
	pictures    jsonb NOT NULL, -- [{url, item, failure, detail}], in page order
	had         int NOT NULL,   -- pictures, however they fared
	missing     int NOT NULL,   -- of them, those that could not be had
	outside     int NOT NULL,   -- of those, the ones outside the approval
	bytes       bigint NOT NULL,
	manifest    bytea NOT NULL,
	salts       bytea NOT NULL,
	total       int NOT NULL -- adverts that a listing says there are
);
CREATE INDEX capture_seq ON capture (seq);
CREATE INDEX capture_page ON capture (source, page, seq);
CREATE INDEX capture_run ON capture (run);

-- item is where the encrypted parts of a capture lie. Without its wrapped key an
-- item's bytes are noise.
CREATE TABLE item (
	capture uuid NOT NULL,
	name    text NOT NULL,
	segment bigint NOT NULL,
	off     bigint NOT NULL,
	len     bigint NOT NULL,
	wrapped bytea NOT NULL,
	PRIMARY KEY (capture, name)
);

-- outbox holds the final leaf bytes until the ledger has them. idx is the leaf's
-- place in the log, null while it waits.
CREATE TABLE outbox (
	id   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	seq  bigint NOT NULL,
	kind text NOT NULL,
	ref  text NOT NULL,
	leaf bytea NOT NULL,
	idx  bigint
);
CREATE INDEX outbox_waiting ON outbox (id) WHERE idx IS NULL;
CREATE INDEX outbox_ref ON outbox (ref);

CREATE TABLE robots (
	id     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	seq    bigint NOT NULL,
	host   text NOT NULL,
	sha256 bytea NOT NULL,
	state  text NOT NULL,
	body   bytea NOT NULL,
	at     timestamptz NOT NULL
);
CREATE INDEX robots_host ON robots (host, id DESC);

-- absent lists advert pages that a complete run did not see, and why.
CREATE TABLE absent (
	run  bigint NOT NULL,
	seq  bigint NOT NULL,
	page bytea NOT NULL,
	why  text NOT NULL,
	PRIMARY KEY (run, page)
);

-- ---------------------------------------------------------------- truth: analysis
CREATE TABLE advert (
	id         bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
	seq        bigint NOT NULL,
	source     text NOT NULL,
	key        text NOT NULL,
	keyhash    bytea NOT NULL,
	canonical  text NOT NULL,
	first_seen timestamptz NOT NULL,
	UNIQUE (source, keyhash)
);

-- advert_page says which pages showed an advert.
CREATE TABLE advert_page (
	page   bytea NOT NULL,
	source text NOT NULL,
	advert bigint NOT NULL,
	seq    bigint NOT NULL,
	PRIMARY KEY (source, page, advert)
);

-- words gives the tokens of a folded text, each as it stands: folding cut them, and
-- the parser of a text search configuration would cut some of them again, at seven
-- times the cost. The cost is not what it takes, which would be 10000: plans charge it
-- for each row that the index finds, though nearly none is looked at again.
CREATE FUNCTION words(folded text) RETURNS tsvector
	LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 200 AS
	$$ BEGIN RETURN array_to_tsvector(string_to_array(folded, ' ')); END $$;

CREATE TABLE version (
	id       bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
	seq      bigint NOT NULL,
	advert   bigint NOT NULL,
	n        int NOT NULL,
	source   text NOT NULL,
	seen_at  timestamptz NOT NULL,
	day      date NOT NULL,
	capture  uuid NOT NULL,
	url      text NOT NULL,
	lang     text NOT NULL,
	price    text NOT NULL,
	place    text NOT NULL,
	has_picture smallint NOT NULL, -- 0 none, 1 with, 2 some missing
	digest   bytea NOT NULL,
	reader   text NOT NULL,
	title    text NOT NULL,
	body     text NOT NULL,
	folded   text NOT NULL, -- title and body as text.FoldString makes them, bounded by store.searchable
	fields   jsonb NOT NULL,
	UNIQUE (advert, n) INCLUDE (seq)
) WITH (toast_tuple_target = 256);
CREATE INDEX version_text ON version USING gin (words(folded)) WITH (fastupdate = on, gin_pending_list_limit = 4096);
-- A sample, to know how many versions have certain words: see store/ask.go.
CREATE INDEX version_sample ON version USING gin (words(folded)) WITH (fastupdate = on, gin_pending_list_limit = 1024) WHERE id % 32 = 0;
CREATE INDEX version_seen ON version (seen_at DESC, id DESC);
CREATE INDEX version_seq ON version (seq);
CREATE INDEX version_place ON version (place, seen_at DESC) WHERE place <> '';

CREATE TABLE entity (
	version    bigint NOT NULL,
	seq        bigint NOT NULL,
	type       text NOT NULL,
	value      text NOT NULL,
	raw        text NOT NULL,
	start      int NOT NULL,
	stop       int NOT NULL,
	obfuscated boolean NOT NULL,
	valid      boolean NOT NULL
);
CREATE INDEX entity_version ON entity (version);
CREATE INDEX entity_value ON entity (value, version);

-- contact has each distinct value once, for partial digits.
CREATE TABLE contact (
	type  text NOT NULL,
	value text NOT NULL,
	seq   bigint NOT NULL,
	PRIMARY KEY (type, value)
);
CREATE INDEX contact_part ON contact USING gin (value gin_trgm_ops);

CREATE TABLE sighting (
	version bigint NOT NULL,
	run     bigint NOT NULL,
	advert  bigint NOT NULL,
	seq     bigint NOT NULL,
	at      timestamptz NOT NULL,
	capture uuid NOT NULL,
	PRIMARY KEY (version, run)
);
CREATE INDEX sighting_advert ON sighting (advert, run DESC, at DESC) INCLUDE (seq);
CREATE INDEX sighting_run ON sighting (run, advert);

-- absence counts only in complete runs; gone is established at the second in a row.
CREATE TABLE absence (
	advert bigint NOT NULL,
	run    bigint NOT NULL,
	seq    bigint NOT NULL,
	at     timestamptz NOT NULL,
	why    text NOT NULL,
	PRIMARY KEY (advert, run)
);
CREATE TABLE gone (
	advert bigint NOT NULL,
	run    bigint NOT NULL,
	seq    bigint NOT NULL,
	at     timestamptz NOT NULL,
	PRIMARY KEY (advert, run)
);
CREATE INDEX gone_advert ON gone (advert, seq DESC);
CREATE INDEX gone_run ON gone (run);

-- relisted undoes gone: the advert was seen again, or a listing led to it again though
-- its page could not be read.
CREATE TABLE relisted (
	advert bigint NOT NULL,
	run    bigint NOT NULL,
	seq    bigint NOT NULL,
	at     timestamptz NOT NULL,
	PRIMARY KEY (advert, run)
);

CREATE TABLE picture (
	id      bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
	seq     bigint NOT NULL,
	sha256  bytea NOT NULL UNIQUE,
	format  text NOT NULL,
	width   int NOT NULL,
	height  int NOT NULL,
	problem text NOT NULL,
	mime    text NOT NULL,
	segment bigint NOT NULL,
	off     bigint NOT NULL,
	len     bigint NOT NULL,
	wrapped bytea NOT NULL
);

CREATE TABLE version_picture (
	version bigint NOT NULL,
	n       int NOT NULL,
	seq     bigint NOT NULL,
	url     text NOT NULL,
	canonical text NOT NULL, -- without session values, to compare by
	picture bigint NOT NULL, -- 0 when missing
	failure text NOT NULL,
	detail  text NOT NULL,
	item    text NOT NULL,
	PRIMARY KEY (version, n)
);
CREATE INDEX version_picture_picture ON version_picture (picture) WHERE picture <> 0;

-- tombstone marks a version that retention destroyed; results that had it say so.
CREATE TABLE tombstone (
	version bigint PRIMARY KEY,
	seq     bigint NOT NULL,
	at      timestamptz NOT NULL,
	rule    text NOT NULL
);

-- result keeps an answer: its ordered row numbers, packed by store.pack.
CREATE TABLE result (
	id       text PRIMARY KEY,
	question jsonb NOT NULL,
	seq      bigint NOT NULL,
	as_of    timestamptz NOT NULL,
	asked    timestamptz NOT NULL,
	person   bigint NOT NULL,
	adverts  int NOT NULL,
	versions int NOT NULL,
	more     boolean NOT NULL,
	days     jsonb NOT NULL,
	engine   text NOT NULL, -- what answered: versions of folding and of the query builder
	rows     bytea NOT NULL
);

-- audit rows carry no seq and never take the lock.
CREATE TABLE audit (
	id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	at      timestamptz NOT NULL,
	wall    timestamptz NOT NULL DEFAULT clock_timestamp(),
	person  bigint NOT NULL,
	name    text NOT NULL,
	role    text NOT NULL,
	act     text NOT NULL,
	object  text NOT NULL,
	purpose text NOT NULL,
	detail  jsonb NOT NULL,
	count   int NOT NULL
);
CREATE INDEX audit_person ON audit (person, id DESC);
CREATE INDEX audit_object ON audit (object);

-- ---------------------------------------------------------------- state
-- frontier is what to fetch and when. Times are the wall's, because leases and
-- politeness are about the real world even on a simulated clock.
CREATE TABLE frontier (
	source      text NOT NULL,
	page        bytea NOT NULL, -- SHA-256 of canonical
	canonical   text NOT NULL,
	url         text NOT NULL,
	kind        text NOT NULL,
	depth       int NOT NULL,
	run         bigint NOT NULL,  -- the run it is or was last due in
	state       text NOT NULL CHECK (state IN ('waiting','leased','done','failed','retired')),
	attempts    int NOT NULL DEFAULT 0,
	next_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
	lease_until timestamptz,
	fail        text NOT NULL DEFAULT '',
	status      int NOT NULL DEFAULT 0,
	listed_run  bigint NOT NULL DEFAULT 0,
	absent      int NOT NULL DEFAULT 0, -- absences in a row, in complete runs
	last_digest bytea,
	last_full   timestamptz,
	PRIMARY KEY (source, page)
) WITH (fillfactor = 80);
CREATE INDEX frontier_due ON frontier (source, run, next_at) WHERE state IN ('waiting','leased');

CREATE TABLE cursor (
	stage text PRIMARY KEY,
	seq   bigint NOT NULL,
	at    timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- simulated is the practice theme's clock: theme time = at + (now - wall).
CREATE TABLE simulated (
	one  boolean PRIMARY KEY DEFAULT true CHECK (one),
	at   timestamptz NOT NULL,
	wall timestamptz NOT NULL,
	day  int NOT NULL
);

-- looked is when a person was last on the theme's home: what is newer is new to
-- them. since is where the look before this one ended.
CREATE TABLE looked (
	person bigint PRIMARY KEY,
	seq    bigint NOT NULL,
	at     timestamptz NOT NULL,
	wall   timestamptz NOT NULL,
	since_seq bigint NOT NULL,
	since_at  timestamptz
);

-- theme_now turns the wall's time into the theme's.
CREATE FUNCTION theme_now(now timestamptz) RETURNS timestamptz LANGUAGE sql STABLE AS
	'SELECT coalesce((SELECT s.at + (now - s.wall) FROM simulated s), now)';

-- wish is what people ask of the collecting process: a run now, a stop.
CREATE TABLE wish (
	id     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	source text NOT NULL,
	kind   text NOT NULL CHECK (kind IN ('run','stop')),
	person bigint NOT NULL,
	cause  text NOT NULL,
	asked  timestamptz NOT NULL DEFAULT clock_timestamp(),
	taken  timestamptz
);

-- ---------------------------------------------------------------- projections
CREATE TABLE current_advert (
	advert     bigint PRIMARY KEY,
	source     text NOT NULL,
	version    bigint NOT NULL,
	n          int NOT NULL,
	digest     bytea NOT NULL,
	first_seen timestamptz NOT NULL,
	last_seen  timestamptz NOT NULL,
	last_run   bigint NOT NULL,
	absences   int NOT NULL,
	gone_at    timestamptz
);
CREATE INDEX current_advert_source ON current_advert (source, last_seen DESC);

CREATE TABLE daily (
	day      date NOT NULL,
	source   text NOT NULL,
	place    text NOT NULL,
	lang     text NOT NULL,
	versions int NOT NULL,
	adverts  int NOT NULL, -- first versions
	PRIMARY KEY (day, source, place, lang)
);
