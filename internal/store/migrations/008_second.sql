-- A witness that refuses is told from one that cannot be reached, and a hold is lifted by
-- two people. As in 001: truth is append-only.

-- why is the reasons as JSON, an array of zoeklicht.LedgerWhy or null.
ALTER TABLE recording DROP CONSTRAINT recording_state_check;
ALTER TABLE recording
	ADD CONSTRAINT recording_state_check CHECK (state IN ('well', 'none', 'down', 'refused')),
	ADD why jsonb NOT NULL DEFAULT 'null';

-- hold_lift is somebody's wish that the holds of a case end, which another person grants by
-- a hold_end. It is about the holds that were set up to its seq.
CREATE TABLE hold_lift (
	case_number text NOT NULL CHECK (case_number <> ''),
	seq         bigint NOT NULL,
	reason      text NOT NULL CHECK (reason <> ''),
	person      bigint NOT NULL CHECK (person > 0),
	name        text NOT NULL,
	at          timestamptz NOT NULL,
	PRIMARY KEY (case_number, seq)
);

-- Two persons. It is about the theme's roles; the owner, who restores, does again what two
-- people decided before.
CREATE FUNCTION lifted_by_two() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF NOT EXISTS (
		SELECT 1 FROM hold_lift l WHERE l.case_number = NEW.case_number AND l.person <> NEW.person AND l.seq < NEW.seq
			AND NOT EXISTS (SELECT 1 FROM hold h WHERE h.case_number = l.case_number AND h.seq > l.seq)
			AND NOT EXISTS (SELECT 1 FROM hold_end e WHERE e.case_number = l.case_number AND e.seq > l.seq))
		AND NOT pg_has_role(current_user, (SELECT relowner FROM pg_class WHERE oid = TG_RELID), 'MEMBER')
	THEN
		RAISE EXCEPTION 'the hold of case % is lifted by two people', NEW.case_number USING ERRCODE = 'ZL004';
	END IF;
	RETURN NEW;
END $$;
CREATE TRIGGER lifted_by_two BEFORE INSERT ON hold_end FOR EACH ROW EXECUTE FUNCTION lifted_by_two();
