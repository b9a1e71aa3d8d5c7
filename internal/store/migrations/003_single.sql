-- A single run visits one page that a person asked for now. It is no visit of the
-- source: it proves nothing about other pages, and puts no schedule off.
ALTER TABLE run ADD single boolean NOT NULL DEFAULT false;
