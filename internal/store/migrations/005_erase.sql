-- Destruction on order, what left, and what a case holds. As in 001: truth is append-only.
-- What an erasure destroys is blanked or deleted where it stands; the database itself lets
-- that happen only in the transaction of an erasure that two people decided.

-- ---------------------------------------------------------------- truth: erasures
CREATE TABLE erasure (
	id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	seq     bigint NOT NULL,
	scope   text NOT NULL CHECK (scope IN ('item','capture','advert')),
	capture uuid,
	item    text NOT NULL DEFAULT '',
	advert  bigint,
	ground  text NOT NULL CHECK (ground <> ''),
	purpose text NOT NULL CHECK (purpose <> ''),
	person  bigint NOT NULL CHECK (person > 0), -- a person, no process
	name    text NOT NULL,
	at      timestamptz NOT NULL,
	CHECK ((scope = 'advert') = (advert IS NOT NULL)),
	CHECK ((scope = 'advert') = (capture IS NULL)),
	CHECK ((scope = 'item') = (item <> ''))
);

-- erasure_step is what came of it, each kind once.
CREATE TABLE erasure_step (
	erasure bigint NOT NULL REFERENCES erasure,
	kind    text NOT NULL CHECK (kind IN ('approve','withdraw','destroy','punch','scrub')),
	seq     bigint NOT NULL,
	person  bigint NOT NULL,
	name    text NOT NULL,
	at      timestamptz NOT NULL,
	count   jsonb NOT NULL DEFAULT '{}', -- of 'destroy': zoeklicht.Erased
	xact    xid8 NOT NULL DEFAULT pg_current_xact_id(),
	PRIMARY KEY (erasure, kind)
);

-- Two persons, and one step after the other.
CREATE FUNCTION erasure_order() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE asked erasure; taken text[];
BEGIN
	SELECT * INTO STRICT asked FROM erasure WHERE id = NEW.erasure;
	SELECT coalesce(array_agg(kind), '{}') INTO taken FROM erasure_step WHERE erasure = NEW.erasure;
	IF NEW.kind IN ('approve','withdraw') AND NEW.person <= 0 THEN
		RAISE EXCEPTION 'erasure % is decided by people', NEW.erasure USING ERRCODE = 'ZL004';
	END IF;
	IF NEW.kind = 'approve' AND NEW.person = asked.person THEN
		RAISE EXCEPTION 'erasure % was asked for by the same person', NEW.erasure USING ERRCODE = 'ZL004';
	END IF;
	IF NEW.kind <> 'withdraw' AND 'withdraw' = ANY(taken) THEN
		RAISE EXCEPTION 'erasure % was withdrawn', NEW.erasure USING ERRCODE = 'ZL004';
	END IF;
	IF NEW.kind = 'withdraw' AND 'destroy' = ANY(taken) THEN
		RAISE EXCEPTION 'erasure % was carried out', NEW.erasure USING ERRCODE = 'ZL004';
	END IF;
	IF NEW.kind = 'destroy' AND NOT 'approve' = ANY(taken) THEN
		RAISE EXCEPTION 'erasure % is not approved', NEW.erasure USING ERRCODE = 'ZL004';
	END IF;
	IF NEW.kind = 'punch' AND NOT 'destroy' = ANY(taken) OR NEW.kind = 'scrub' AND NOT 'punch' = ANY(taken) THEN
		RAISE EXCEPTION 'erasure % has a step before "%"', NEW.erasure, NEW.kind USING ERRCODE = 'ZL004';
	END IF;
	RETURN NEW;
END $$;
CREATE TRIGGER erasure_order BEFORE INSERT ON erasure_step FOR EACH ROW EXECUTE FUNCTION erasure_order();

-- shows says that a capture is of an advert: it was seen in it, or it is of one of its pages.
CREATE FUNCTION shows(what uuid, of bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
	SELECT EXISTS (SELECT 1 FROM sighting s WHERE s.advert = of AND s.capture = what)
	    OR EXISTS (SELECT 1 FROM version v WHERE v.advert = of AND v.capture = what)
	    OR EXISTS (SELECT 1 FROM capture c JOIN advert_page p ON p.source = c.source AND p.page = c.page WHERE p.advert = of AND c.id = what)
$$;

-- erased has each item that was destroyed on order.
CREATE TABLE erased (
	capture uuid NOT NULL,
	item    text NOT NULL,
	erasure bigint NOT NULL REFERENCES erasure,
	whole   boolean NOT NULL, -- with all of the capture
	PRIMARY KEY (capture, item)
);
CREATE INDEX erased_erasure ON erased (erasure);

-- Only what the erasure was asked for, in the transaction that carries it out.
CREATE FUNCTION erased_in_scope() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE asked erasure;
BEGIN
	SELECT e.* INTO asked FROM erasure e JOIN erasure_step s ON s.erasure = e.id AND s.kind = 'destroy' AND s.xact = pg_current_xact_id()
		WHERE e.id = NEW.erasure;
	IF asked IS NULL
		OR asked.scope = 'item' AND (asked.capture, asked.item) IS DISTINCT FROM (NEW.capture, NEW.item)
		OR asked.scope = 'capture' AND asked.capture IS DISTINCT FROM NEW.capture
		OR asked.scope = 'advert' AND NOT shows(NEW.capture, asked.advert)
		OR NEW.whole <> (asked.scope <> 'item')
	THEN
		RAISE EXCEPTION 'capture % is not what erasure % is about', NEW.capture, NEW.erasure USING ERRCODE = 'ZL004';
	END IF;
	RETURN NEW;
END $$;
CREATE TRIGGER erased_in_scope BEFORE INSERT ON erased FOR EACH ROW EXECUTE FUNCTION erased_in_scope();

-- in_erasure refuses to change or delete truth outside the transaction of an erasure. It is
-- about the theme's roles; the owner migrates and restores.
CREATE FUNCTION in_erasure() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF NOT EXISTS (SELECT 1 FROM erasure_step WHERE kind = 'destroy' AND xact = pg_current_xact_id() AND seq = (SELECT max(seq) FROM moment))
		AND NOT pg_has_role(current_user, (SELECT relowner FROM pg_class WHERE oid = TG_RELID), 'MEMBER')
	THEN
		RAISE EXCEPTION 'rows of % go by an erasure that two people decided', TG_TABLE_NAME USING ERRCODE = 'ZL004';
	END IF;
	RETURN NULL;
END $$;
CREATE FUNCTION in_erasure_item() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF NOT EXISTS (SELECT 1 FROM erased WHERE capture = OLD.capture AND item = OLD.name)
		AND NOT pg_has_role(current_user, (SELECT relowner FROM pg_class WHERE oid = TG_RELID), 'MEMBER')
	THEN
		RAISE EXCEPTION 'item % of capture % is not to be erased', OLD.name, OLD.capture USING ERRCODE = 'ZL004';
	END IF;
	RETURN OLD;
END $$;
CREATE FUNCTION in_erasure_capture() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF NOT EXISTS (SELECT 1 FROM erased WHERE capture = OLD.id)
		AND NOT pg_has_role(current_user, (SELECT relowner FROM pg_class WHERE oid = TG_RELID), 'MEMBER')
	THEN
		RAISE EXCEPTION 'capture % is not to be erased', OLD.id USING ERRCODE = 'ZL004';
	END IF;
	RETURN NEW;
END $$;
CREATE FUNCTION in_erasure_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF NOT EXISTS (SELECT 1 FROM tombstone WHERE version = OLD.id)
		AND NOT pg_has_role(current_user, (SELECT relowner FROM pg_class WHERE oid = TG_RELID), 'MEMBER')
	THEN
		RAISE EXCEPTION 'version % is not to be erased', OLD.id USING ERRCODE = 'ZL004';
	END IF;
	RETURN NEW;
END $$;
CREATE TRIGGER in_erasure BEFORE UPDATE OR DELETE ON item FOR EACH STATEMENT EXECUTE FUNCTION in_erasure();
CREATE TRIGGER in_erasure BEFORE UPDATE OR DELETE ON capture FOR EACH STATEMENT EXECUTE FUNCTION in_erasure();
CREATE TRIGGER in_erasure BEFORE UPDATE OR DELETE ON version FOR EACH STATEMENT EXECUTE FUNCTION in_erasure();
CREATE TRIGGER in_erasure BEFORE UPDATE OR DELETE ON entity FOR EACH STATEMENT EXECUTE FUNCTION in_erasure();
CREATE TRIGGER in_erasure BEFORE UPDATE OR DELETE ON contact FOR EACH STATEMENT EXECUTE FUNCTION in_erasure();
CREATE TRIGGER in_erasure BEFORE UPDATE OR DELETE ON picture FOR EACH STATEMENT EXECUTE FUNCTION in_erasure();
CREATE TRIGGER in_erasure BEFORE UPDATE OR DELETE ON version_picture FOR EACH STATEMENT EXECUTE FUNCTION in_erasure();
CREATE TRIGGER in_erasure BEFORE UPDATE OR DELETE ON assessment FOR EACH STATEMENT EXECUTE FUNCTION in_erasure();
CREATE TRIGGER in_erasure BEFORE UPDATE OR DELETE ON advert FOR EACH STATEMENT EXECUTE FUNCTION in_erasure();
CREATE TRIGGER in_erasure BEFORE UPDATE OR DELETE ON record FOR EACH STATEMENT EXECUTE FUNCTION in_erasure();
CREATE TRIGGER in_erasure_item BEFORE DELETE ON item FOR EACH ROW EXECUTE FUNCTION in_erasure_item();
CREATE TRIGGER in_erasure_capture BEFORE UPDATE ON capture FOR EACH ROW EXECUTE FUNCTION in_erasure_capture();
CREATE TRIGGER in_erasure_version BEFORE UPDATE ON version FOR EACH ROW EXECUTE FUNCTION in_erasure_version();

-- ---------------------------------------------------------------- truth: what left
-- exported is the register of what left, and by whom, for which case.
CREATE TABLE exported (
	id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	seq         bigint NOT NULL,
	at          timestamptz NOT NULL,
	person      bigint NOT NULL,
	name        text NOT NULL,
	case_number text NOT NULL CHECK (case_number <> ''), -- the purpose
	ground      text NOT NULL,
	form        text NOT NULL,
	kind        text NOT NULL,
	what        text NOT NULL,
	file        text NOT NULL,
	bytes       bigint NOT NULL,
	sha256      bytea NOT NULL,
	versions    int NOT NULL,
	pictures    int NOT NULL,
	recipients  text[] NOT NULL, -- that it was encrypted to
	record      uuid NOT NULL    -- of its leaf
);
CREATE TABLE exported_capture (
	exported bigint NOT NULL REFERENCES exported,
	capture  uuid NOT NULL,
	PRIMARY KEY (exported, capture)
);
CREATE INDEX exported_capture_capture ON exported_capture (capture);

-- hold keeps a capture for a case: nothing of it is destroyed. What is exported for a case
-- is held. hold_end ends all holds of a case that were set up to its seq.
CREATE TABLE hold (
	case_number text NOT NULL CHECK (case_number <> ''),
	capture     uuid NOT NULL,
	seq         bigint NOT NULL,
	exported    bigint REFERENCES exported, -- null where a person set it
	person      bigint NOT NULL,
	name        text NOT NULL,
	at          timestamptz NOT NULL,
	PRIMARY KEY (case_number, capture, seq)
);
CREATE INDEX hold_capture ON hold (capture);
CREATE TABLE hold_end (
	id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	case_number text NOT NULL,
	seq         bigint NOT NULL,
	reason      text NOT NULL CHECK (reason <> ''),
	person      bigint NOT NULL CHECK (person > 0),
	name        text NOT NULL,
	at          timestamptz NOT NULL
);
CREATE VIEW held AS
	SELECT h.* FROM hold h WHERE NOT EXISTS (SELECT 1 FROM hold_end e WHERE e.case_number = h.case_number AND e.seq > h.seq);

-- The database refuses as well to destroy what a case holds.
CREATE FUNCTION not_held() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE holder text;
BEGIN
	SELECT case_number INTO holder FROM held WHERE capture = NEW.capture LIMIT 1;
	IF holder IS NOT NULL THEN
		RAISE EXCEPTION 'capture % is held for case %', NEW.capture, holder USING ERRCODE = 'ZL004';
	END IF;
	RETURN NEW;
END $$;
CREATE TRIGGER not_held BEFORE INSERT ON erased FOR EACH ROW EXECUTE FUNCTION not_held();

-- ---------------------------------------------------------------- cases
-- of_case says that a purpose names a case: the number stands in it as a whole, without
-- regard to case and white space. "case 26-0417, hearing" is of the case 26-0417.
CREATE FUNCTION of_case(purpose text, number text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT (' ' || regexp_replace(lower(btrim(purpose)), '\s+', ' ', 'g') || ' ')
	     ~ ('[\s,;:()"'']' || regexp_replace(regexp_replace(lower(btrim(number)), '\s+', ' ', 'g'), '([^[:alnum:] ])', '\\\1', 'g') || '[\s,;:()"'']')
$$;
CREATE INDEX audit_purpose ON audit (purpose, id) WHERE purpose <> '';

-- ---------------------------------------------------------------- state
-- erase_hole is a place in the segments of which the bytes are still to be destroyed. Its
-- key is gone already.
CREATE TABLE erase_hole (
	erasure bigint NOT NULL REFERENCES erasure,
	folder  text NOT NULL CHECK (folder IN ('vault','working')),
	segment bigint NOT NULL,
	off     bigint NOT NULL,
	len     bigint NOT NULL,
	owner   uuid NOT NULL,
	name    text NOT NULL,
	PRIMARY KEY (folder, segment, off)
);
