-- Seals of whole adverts, corrections that take effect, numbers in the audit trail, and
-- indexes. As in 001: truth is append-only. What older programs did not keep is filled in
-- when the roles' rights are given (store.ApplyGrants).

-- ---------------------------------------------------------------- truth: seals
-- A seal covers its version or, where somebody said so or its reason is urgent, all of the
-- advert: the versions that there are, and those that become known later. One that was
-- sealed may be sealed again, for a reason that covers more.
ALTER TABLE seal DROP CONSTRAINT seal_version_key;
ALTER TABLE seal
	ADD asked_whole boolean NOT NULL DEFAULT false,
	ADD whole boolean NOT NULL GENERATED ALWAYS AS (asked_whole OR why <> 'other') STORED;
CREATE INDEX seal_advert ON seal (advert);

-- sealed has each version that a seal covers, with the first of its seals: what is in it is
-- shown to nobody, whatever the moment asked for. (It is made from seal and version, and is
-- no projection: nothing is ever taken out of it.)
CREATE TABLE sealed (
	version bigint PRIMARY KEY,
	advert  bigint NOT NULL,
	seal    bigint NOT NULL REFERENCES seal,
	seq     bigint NOT NULL
);
CREATE INDEX sealed_advert ON sealed (advert);

-- ---------------------------------------------------------------- truth: corrections
-- A correction heads its version when it is of the place, the price or the age that the
-- version is known by: from then on it is known by what is right. One that an older program
-- took does not, so that answers as of its time stay what they were.
ALTER TABLE correction
	ADD heads boolean NOT NULL DEFAULT false,
	ADD wording text NOT NULL DEFAULT '',      -- the right value in words, as screens say it
	ADD municipality text NOT NULL DEFAULT '', -- of a right place: code; '' where it leaves that open, or is none
	ADD unit text NOT NULL DEFAULT '';         -- police unit of the municipality
CREATE INDEX correction_heads ON correction (version, id DESC) WHERE heads;

-- place_as_of gives the places that versions are known by instead of those on their pages.
CREATE FUNCTION place_as_of(asof bigint) RETURNS TABLE (version bigint, place text, municipality text, unit text)
LANGUAGE sql STABLE AS $$
	SELECT DISTINCT ON (c.version) c.version, c.wording, c.municipality, c.unit
	FROM correction_as_of(asof) c WHERE c.heads AND c.type = 'place' ORDER BY c.version, c.id DESC
$$;

-- ---------------------------------------------------------------- state
-- trail_key names numbers in the audit trail: see store/trail.go. Who reads the trail cannot
-- read it.
CREATE TABLE trail_key (
	one boolean PRIMARY KEY DEFAULT true CHECK (one),
	key bytea NOT NULL CHECK (length(key) = 32)
);

-- ---------------------------------------------------------------- indexes
-- What a capture shows, for case files, erasures and exports.
CREATE INDEX version_capture ON version (capture);
CREATE INDEX sighting_capture ON sighting (capture);
