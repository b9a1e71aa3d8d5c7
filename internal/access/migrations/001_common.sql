-- The common database: who there is, how they prove it, what they were granted,
-- and which themes exist. Nothing about sources or content.
--
-- Rows of sign_in, given, revoked, theme_state, purpose and act are only ever
-- added; what is in force is read from them. Times come from the caller's clock.

-- ---------------------------------------------------------------- people
CREATE TABLE person (
	id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	login     text NOT NULL UNIQUE CHECK (login = lower(login) AND login ~ '^[a-z0-9][a-z0-9._@-]{1,63}$'),
	name      text NOT NULL CHECK (name <> ''),
	lang      text NOT NULL CHECK (lang IN ('nl', 'en')),
	admin     boolean NOT NULL,
	-- practice people may enter practice themes only, because their passwords are
	-- printed on the screen.
	practice  boolean NOT NULL,
	disabled  timestamptz, -- since when; null while the person can sign in
	created   timestamptz NOT NULL,
	last_seen timestamptz  -- the newest sign-in that succeeded
);

CREATE TABLE credential (
	person      bigint NOT NULL REFERENCES person,
	kind        text NOT NULL CHECK (kind IN ('password')),
	hash        text NOT NULL CHECK (hash LIKE '$argon2id$%'), -- in PHC form
	changed     timestamptz NOT NULL,
	must_change boolean NOT NULL, -- set by someone else: entering a theme waits for one's own
	PRIMARY KEY (person, kind)
);

-- sign_in has a row for each attempt. bucket is the first 32 bits of the SHA-256
-- of the name that was typed: enough to slow attempts down, too little to
-- recover a password that was typed in the wrong field. The name itself is kept
-- only if someone has it.
CREATE TABLE sign_in (
	id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	at      timestamptz NOT NULL,
	bucket  int NOT NULL,
	login   text,
	person  bigint REFERENCES person,
	address text NOT NULL,
	network text NOT NULL, -- the address, or the /64 of an IPv6 address
	outcome text NOT NULL CHECK (outcome IN ('ok', 'wrong', 'unknown', 'disabled', 'delayed'))
);
CREATE INDEX sign_in_bucket ON sign_in (bucket, at) WHERE outcome IN ('wrong', 'unknown', 'disabled');
CREATE INDEX sign_in_network ON sign_in (network, at) WHERE outcome IN ('wrong', 'unknown', 'disabled');
CREATE INDEX sign_in_familiar ON sign_in (bucket, network, at) WHERE outcome = 'ok';

-- session keeps only the SHA-256 of the token that the browser has. An ended
-- session stays as an empty row until it would have expired, so that a request
-- that was under way cannot bring it back.
CREATE TABLE session (
	token   bytea PRIMARY KEY CHECK (length(token) = 32),
	person  bigint REFERENCES person, -- null before signing in
	data    bytea NOT NULL,
	begun   timestamptz NOT NULL,
	expires timestamptz NOT NULL,
	ended   timestamptz
);
CREATE INDEX session_person ON session (person) WHERE ended IS NULL;
CREATE INDEX session_expires ON session (expires);

-- ---------------------------------------------------------------- themes
CREATE TABLE theme (
	name     text PRIMARY KEY CHECK (name ~ '^[a-z][a-z0-9]*(-[a-z0-9]+)*$' AND length(name) <= 32),
	practice boolean NOT NULL,
	-- location names the server that has the theme's database, as a connection
	-- string without user and password; empty: the server of this database.
	location text NOT NULL CHECK (location NOT LIKE '%password%'),
	added    timestamptz NOT NULL
);

-- theme_state: the newest row of a theme is in force; a theme without one is
-- not active.
CREATE TABLE theme_state (
	id     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	theme  text NOT NULL REFERENCES theme,
	active boolean NOT NULL,
	at     timestamptz NOT NULL,
	person bigint NOT NULL,
	reason text NOT NULL
);
CREATE INDEX theme_state_theme ON theme_state (theme, id DESC);

-- ---------------------------------------------------------------- grants
CREATE TABLE given (
	id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	person      bigint NOT NULL REFERENCES person,
	theme       text NOT NULL REFERENCES theme,
	role        text NOT NULL CHECK (role IN ('analyst', 'specialist', 'source-manager', 'prosecutor', 'auditor', 'operator')),
	task        text NOT NULL CHECK (task <> ''),
	valid_from  timestamptz NOT NULL, -- included
	valid_until timestamptz NOT NULL, -- not included
	given_by    bigint NOT NULL,
	given_at    timestamptz NOT NULL,
	CONSTRAINT not_to_oneself CHECK (person <> given_by),
	CONSTRAINT some_time CHECK (valid_from < valid_until)
);
CREATE INDEX given_person ON given (person, theme);

CREATE TABLE revoked (
	given  bigint PRIMARY KEY REFERENCES given,
	at     timestamptz NOT NULL,
	person bigint NOT NULL, -- who revoked it
	reason text NOT NULL
);

-- Practice people stay in practice themes, whatever the program above says.
CREATE FUNCTION practice_apart() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF (SELECT practice FROM person WHERE id = NEW.person) AND NOT (SELECT practice FROM theme WHERE name = NEW.theme) THEN
		RAISE EXCEPTION 'person % is for practice only', NEW.person USING ERRCODE = 'ZA001';
	END IF;
	RETURN NEW;
END $$;
CREATE TRIGGER practice_apart BEFORE INSERT ON given FOR EACH ROW EXECUTE FUNCTION practice_apart();

-- purpose: the newest row of a session and theme is in force. It outlives the
-- session.
CREATE TABLE purpose (
	id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	session bytea NOT NULL,
	person  bigint NOT NULL REFERENCES person,
	theme   text NOT NULL REFERENCES theme,
	purpose text NOT NULL,
	at      timestamptz NOT NULL
);
CREATE INDEX purpose_session ON purpose (session, theme, id DESC);

-- ---------------------------------------------------------------- audit
-- act: who changed what here. Written in the transaction of the change.
CREATE TABLE act (
	id     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	at     timestamptz NOT NULL,
	person bigint NOT NULL, -- negative: at the machine itself, or a process
	kind   text NOT NULL,
	object text NOT NULL, -- a login, a theme, "grant 17"
	detail jsonb NOT NULL
);
CREATE INDEX act_object ON act (object, id DESC);
