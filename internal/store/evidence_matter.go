package store

import (
	"context"

	"zoeklicht"

	"github.com/jackc/pgx/v5"
)

// maxFailed is how many records of failed captures Matter gives, the newest.
const maxFailed = 500

// Matter is what the register has beside captures that belongs to them.
type Matter struct {
	Records []RecordEvidence // oldest first
	// Others counts exports of the captures for other cases, and Failed the failed captures
	// beyond those among Records: they are not the reader's, or too many.
	Others, Failed int
}

// Matter gives the records that belong to captures, for an export:
//
//   - of each capture's source, the approval in force when it was made;
//   - the given sets of indicators, by which it was assessed;
//   - the pages of the same runs of which there is no capture, with the reason;
//   - what left of the captures before, for the case of the pass;
//   - what was destroyed of them;
//   - the changes of the log's keys.
//
// A record whose content was destroyed is not among them.
func (s *Store) Matter(ctx context.Context, captures []zoeklicht.CaptureID, sets []string) (*Matter, error) {
	var out Matter
	row := &zoeklicht.Audit{Act: "evidence-matter", Detail: detail(map[string]any{"captures": len(captures)})}
	err := s.serve(ctx, zoeklicht.ActExport, row, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, matterSelect, captures, append([]string{}, sets...), s.pass.Purpose(), maxFailed)
		if err != nil {
			return err
		}
		out.Records, err = pgx.CollectRows(rows, scanRecordEvidence)
		if err != nil {
			return err
		}
		row.Count = len(out.Records)
		if err := provedRecords(ctx, tx, out.Records); err != nil {
			return err
		}
		given := 0
		for i := range out.Records {
			if out.Records[i].Kind == zoeklicht.LeafCaptureFailed {
				given++
			}
		}
		return tx.QueryRow(ctx, `
			SELECT (SELECT count(DISTINCT x.id) FROM exported x JOIN exported_capture c ON c.exported = x.id
				WHERE c.capture = ANY($1::uuid[]) AND NOT of_case(x.case_number, $2)),
				(SELECT count(*) FROM (SELECT DISTINCT source, run FROM capture WHERE id = ANY($1::uuid[])) a
				JOIN record r ON r.kind = 'capture-failed' AND r.ref = a.source || ' ' || a.run AND length(r.content) > 0) - $3`,
			captures, s.pass.Purpose(), given).Scan(&out.Others, &out.Failed)
	})
	if err != nil {
		return nil, err
	}
	return &out, nil
}

// matterSelect finds the records of Matter. Each part has its records by an index.
const matterSelect = `
	WITH about AS (SELECT id, seq, source, run FROM capture WHERE id = ANY($1::uuid[])), wanted AS (
		SELECT r.id FROM (
			SELECT DISTINCT a.source, (SELECT d.seq FROM decision d WHERE d.source = a.source AND d.kind = 'approve' AND d.seq <= a.seq ORDER BY d.id DESC LIMIT 1) AS seq
			FROM about a) d
		JOIN record r ON r.kind = 'source-decision' AND r.ref = d.source AND r.seq = d.seq
		UNION SELECT r.id FROM record r WHERE r.kind = 'indicator-version' AND r.ref = ANY($2)
		UNION (SELECT r.id FROM (SELECT DISTINCT source, run FROM about) a JOIN record r ON r.kind = 'capture-failed' AND r.ref = a.source || ' ' || a.run
			WHERE length(r.content) > 0 ORDER BY r.seq DESC, r.id LIMIT $4)
		UNION SELECT x.record FROM exported_capture c JOIN exported x ON x.id = c.exported WHERE c.capture = ANY($1::uuid[]) AND of_case(x.case_number, $3)
		UNION SELECT r.id FROM (SELECT DISTINCT erasure FROM erased WHERE capture = ANY($1::uuid[])) e
		JOIN record r ON r.kind = 'erase' AND r.ref = 'erasure ' || e.erasure
		UNION SELECT r.id FROM record r WHERE r.kind = 'key-change'
	)` + recordSelect + ` WHERE r.id IN (SELECT id FROM wanted) AND length(r.content) > 0 ORDER BY r.seq, r.id`

const recordSelect = `
	SELECT r.id, r.seq, r.kind, r.ref, r.content, r.salt, o.leaf, coalesce(o.idx, -1), coalesce(o.year, 0)
	FROM record r JOIN outbox o ON o.ref = r.id::text`

func scanRecordEvidence(r pgx.CollectableRow) (e RecordEvidence, err error) {
	err = r.Scan(&e.ID, &e.Seq, &e.Kind, &e.Ref, &e.Content, &e.Salt, &e.Leaf, &e.LeafIndex, &e.LeafYear)
	return e, err
}

// provedRecords gives records the checkpoints that prove them.
func provedRecords(ctx context.Context, tx pgx.Tx, all []RecordEvidence) error {
	for i := range all {
		if all[i].LeafIndex < 0 {
			continue
		}
		var err error
		if all[i].Checkpoint, err = covering(ctx, tx, all[i].LeafYear, all[i].LeafIndex); err != nil {
			return err
		}
	}
	return nil
}
