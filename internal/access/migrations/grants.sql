-- What zl_access, the role that serves people, may do here. Run by the owner
-- after every migration. There is no DELETE but on sessions, and no UPDATE on
-- anything that says who did or was granted what.
DO $$
BEGIN
	CREATE ROLE zl_access NOLOGIN;
EXCEPTION WHEN duplicate_object OR unique_violation THEN
	NULL; -- there already, or made by someone else this very moment
END $$;

REVOKE ALL ON ALL TABLES IN SCHEMA public FROM zl_access;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO zl_access;

GRANT SELECT, INSERT, UPDATE (name, lang, disabled, last_seen) ON person TO zl_access;
GRANT SELECT, INSERT, UPDATE (hash, changed, must_change) ON credential TO zl_access;
GRANT SELECT, INSERT ON sign_in TO zl_access;
GRANT SELECT, INSERT, DELETE, UPDATE (person, data, expires, ended) ON session TO zl_access;
GRANT SELECT, INSERT, UPDATE (location) ON theme TO zl_access;
GRANT SELECT, INSERT ON theme_state, given, revoked, purpose, act TO zl_access;
