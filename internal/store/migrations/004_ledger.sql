-- The ledger: where leaves stand in the logs, what covers them, and the records that
-- leaves other than captures are about. As in 001: truth is append-only; `recording` is
-- state.

-- A leaf stands at idx of the log of a year, both null while it waits. A crash may make
-- the log hold it twice: the lowest place counts, so a row moves to a lower one and to
-- nothing else.
ALTER TABLE outbox ADD year smallint, ADD CHECK ((year IS NULL) = (idx IS NULL));
CREATE UNIQUE INDEX outbox_placed ON outbox (year, idx) WHERE idx IS NOT NULL;

CREATE FUNCTION lowest_place() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF NEW.idx IS NULL OR (NEW.year, NEW.idx) >= (OLD.year, OLD.idx) THEN RETURN NULL; END IF;
	RETURN NEW;
END $$;
CREATE TRIGGER lowest_place BEFORE UPDATE OF year, idx ON outbox
	FOR EACH ROW WHEN (OLD.idx IS NOT NULL) EXECUTE FUNCTION lowest_place();

-- record is what a leaf of another kind than "capture" is about. Its leaf, in the outbox
-- under ref = id, holds the SHA-256 of salt and content and nothing else of it: without
-- the salt it opens nothing.
CREATE TABLE record (
	id      uuid PRIMARY KEY, -- random, as in the leaf
	seq     bigint NOT NULL,
	kind    text NOT NULL,    -- zoeklicht.LeafKind
	ref     text NOT NULL,    -- what it is about: "seal 3", a source, an indicator set …
	build   text NOT NULL,    -- SHA-256 of the binary that made it, hex
	content bytea NOT NULL,   -- JSON, the exact bytes
	salt    bytea NOT NULL
);
CREATE INDEX record_ref ON record (kind, ref, seq);
CREATE INDEX record_kind ON record (kind, seq DESC);

-- checkpoint keeps what was published of the logs, with the signatures of log and witnesses.
CREATE TABLE checkpoint (
	id   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	year smallint NOT NULL,
	size bigint NOT NULL,
	root bytea NOT NULL,
	note bytea NOT NULL,  -- C2SP tlog-checkpoint, the exact bytes
	kept timestamptz NOT NULL DEFAULT clock_timestamp(),
	UNIQUE (year, size)
);

-- token is an RFC 3161 timestamp of a checkpoint's note.
CREATE TABLE token (
	id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	checkpoint bigint NOT NULL REFERENCES checkpoint,
	authority  text NOT NULL,
	at         timestamptz NOT NULL, -- as the authority says
	der        bytea NOT NULL,
	sha256     bytea NOT NULL UNIQUE, -- of der: what a capture's leaf names as "after"
	kept       timestamptz NOT NULL DEFAULT clock_timestamp(),
	UNIQUE (checkpoint, authority)
);

-- recording is how each part of recording goes, as the recording process last told: the
-- log, its witnesses, and every timestamping authority.
CREATE TABLE recording (
	part   text PRIMARY KEY, -- 'log', 'witnesses', 'authority <name>'
	state  text NOT NULL CHECK (state IN ('well', 'none', 'down')),
	detail text NOT NULL,    -- why it is down
	well   timestamptz,      -- when it last went well
	told   timestamptz NOT NULL
);
