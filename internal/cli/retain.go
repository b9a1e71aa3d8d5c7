package cli

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"zoeklicht"
	"zoeklicht/internal/retain"
	"zoeklicht/internal/store"
)

// Erasures is what people decide about destroying, as one of them sees it; *store.Store is
// one.
type Erasures interface {
	AskErase(ctx context.Context, e zoeklicht.Erasure) (*zoeklicht.Erasure, []zoeklicht.Left, error)
	ApproveErase(ctx context.Context, id zoeklicht.ErasureID) (*zoeklicht.Erasure, error)
	WithdrawErase(ctx context.Context, id zoeklicht.ErasureID) (*zoeklicht.Erasure, error)
	LeftWith(ctx context.Context, id zoeklicht.ErasureID) ([]zoeklicht.Left, error)
	Erasures(ctx context.Context) ([]zoeklicht.Erasure, error)
}

// Held is what cases hold; *store.Store is one.
type Held interface {
	Holds(ctx context.Context) ([]store.Hold, error)
	HoldAdvert(ctx context.Context, id zoeklicht.AdvertID) (int, error)
	AskLift(ctx context.Context, number, reason string) (int, error)
	LiftHold(ctx context.Context, number string) (int, error)
}

// erasureRow is an erasure as JSON has it.
type erasureRow struct {
	Erasure   zoeklicht.ErasureID  `json:"erasure"`
	State     zoeklicht.EraseState `json:"state"`
	Scope     zoeklicht.EraseScope `json:"scope"`
	Capture   string               `json:"capture,omitempty"`
	Item      string               `json:"item,omitempty"`
	Advert    zoeklicht.AdvertID   `json:"advert,omitempty"`
	Ground    string               `json:"ground"`
	Purpose   string               `json:"purpose"`
	Asked     *stepRow             `json:"asked"`
	Approved  *stepRow             `json:"approved"`
	Withdrawn *stepRow             `json:"withdrawn"`
	Destroyed *stepRow             `json:"destroyed"`
	Punched   *stepRow             `json:"punched"`
	Scrubbed  *stepRow             `json:"scrubbed"`
	Count     zoeklicht.Erased     `json:"count"`
	Left      []leftRow            `json:"left,omitempty"`
	Remains   []string             `json:"remains,omitempty"`
}

type stepRow struct {
	Name string     `json:"name"`
	At   *time.Time `json:"at"`
}

// leftRow is an export that already left with what an erasure is about.
type leftRow struct {
	Export   int64      `json:"export"`
	Case     string     `json:"case"`
	At       *time.Time `json:"at"`
	Name     string     `json:"name"`
	What     string     `json:"what"`
	Captures int        `json:"captures"`
}

func erasureOf(e *zoeklicht.Erasure, left []zoeklicht.Left, remains []string) *erasureRow {
	step := func(s zoeklicht.EraseStep) *stepRow {
		if !s.Taken() {
			return nil
		}
		return &stepRow{s.Name, moment(s.At)}
	}
	r := &erasureRow{
		Erasure: e.ID, State: e.State(), Scope: e.Scope, Item: e.Item, Advert: e.Advert, Ground: e.Ground, Purpose: e.Purpose,
		Asked: step(e.Asked), Approved: step(e.Approved), Withdrawn: step(e.Withdrawn), Destroyed: step(e.Destroyed),
		Punched: step(e.Punched), Scrubbed: step(e.Scrubbed), Count: e.Count, Remains: remains,
	}
	if e.Scope != zoeklicht.EraseAdvert {
		r.Capture = e.Capture.String()
	}
	for _, l := range left {
		r.Left = append(r.Left, leftRow{l.Export, l.Case, moment(l.At), l.Name, l.What, l.Captures})
	}
	return r
}

// about says what an erasure is about.
func about(e *zoeklicht.Erasure) string {
	switch e.Scope {
	case zoeklicht.EraseItem:
		return fmt.Sprintf("item %s of capture %s", e.Item, e.Capture)
	case zoeklicht.EraseCapture:
		return "capture " + e.Capture.String()
	}
	return "advert " + strconv.FormatInt(int64(e.Advert), 10)
}

// told notices what has left already: no computer calls that back.
func told(left []zoeklicht.Left, out *Out) {
	for _, l := range left {
		out.Notice("It left already: export %d (%s), for %s, by %s on %s. Who has it must be told.", l.Export, visible(l.What), visible(l.Case), visible(l.Name), out.day(l.At))
	}
}

// AskErase asks for a destruction.
func AskErase(ctx context.Context, st Erasures, e zoeklicht.Erasure, out *Out) error {
	asked, left, err := st.AskErase(ctx, e)
	if err != nil {
		return err
	}
	if out.JSON {
		return out.object(erasureOf(asked, left, nil))
	}
	told(left, out)
	return out.say("Erasure %d is asked for: %s. Nothing is destroyed before another person approves: zoeklicht retain approve %d", asked.ID, about(asked), asked.ID)
}

// ApproveErase approves a destruction and carries it out; carry is what does.
func ApproveErase(ctx context.Context, st Erasures, id zoeklicht.ErasureID, carry func(context.Context, zoeklicht.ErasureID) (*retain.Report, error), out *Out) error {
	left, err := st.LeftWith(ctx, id)
	if err != nil {
		return err
	}
	if _, err := st.ApproveErase(ctx, id); err != nil {
		return err
	}
	r, err := carry(ctx, id)
	if err != nil {
		return zoeklicht.Errorf(zoeklicht.CodeOf(err), "erasure %d is approved, and not done: %w", id, err).
			With("", "`zoeklicht retain finish` goes on where it stopped")
	}
	if out.JSON {
		return out.object(erasureOf(&r.Erasure, left, r.Remains))
	}
	told(left, out)
	c := &r.Erasure.Count
	state := "done"
	if r.Erasure.State() != zoeklicht.EraseDone {
		state = "carried out but for the last step"
	}
	if err := out.say("Erasure %d is %s: %s. Destroyed: %s of %s (%s), the text of %s, %s as shown, %s, %s.", id, state, about(&r.Erasure),
		count(c.Items, "item"), count(c.Captures, "capture"), size(c.Bytes), count(c.Versions, "version"), count(c.Pictures, "picture"),
		count(c.Values, "contact detail"), count(c.Notes, "note")); err != nil {
		return err
	}
	return remain(r.Remains, out)
}

// remain says what could not be removed.
func remain(remains []string, out *Out) error {
	for _, what := range remains {
		if err := out.say("Unreadable remains: %s.", what); err != nil {
			return err
		}
	}
	return out.say("Backups made before hold it still: see the guide on retaining.")
}

// WithdrawErase takes an erasure back that was not carried out.
func WithdrawErase(ctx context.Context, st Erasures, id zoeklicht.ErasureID, out *Out) error {
	e, err := st.WithdrawErase(ctx, id)
	if err != nil {
		return err
	}
	if out.JSON {
		return out.object(erasureOf(e, nil, nil))
	}
	return out.say("Erasure %d is withdrawn: %s stays.", id, about(e))
}

// finished is the answer of the verb that goes on.
type finished struct {
	Done    []zoeklicht.ErasureID `json:"done"`
	Remains []string              `json:"remains"`
}

// FinishErasures carries out what was approved and is not done.
func FinishErasures(ctx context.Context, e *retain.Eraser, out *Out) error {
	done, remains, err := e.Finish(ctx)
	if err != nil {
		return err
	}
	if out.JSON {
		return out.object(finished{list(done), list(remains)})
	}
	if len(done) == 0 {
		return out.say("Nothing was left to be done.")
	}
	if err := out.say("%s done.", count(len(done), "erasure")); err != nil {
		return err
	}
	return remain(remains, out)
}

// ListErasures prints the erasures of a theme, newest first, and what cases hold.
func ListErasures(ctx context.Context, st Erasures, held Held, out *Out) error {
	all, err := st.Erasures(ctx)
	if err != nil {
		return err
	}
	holds, err := held.Holds(ctx)
	if err != nil {
		return err
	}
	rows, table := make([]*erasureRow, len(all)), make([][]string, len(all))
	for i := range all {
		e := &all[i]
		rows[i] = erasureOf(e, nil, nil)
		table[i] = []string{strconv.FormatInt(int64(e.ID), 10), string(e.State()), about(e), out.day(e.Asked.At), e.Asked.Name, e.Approved.Name, cut(e.Ground, 40)}
	}
	if out.JSON {
		return lines(out, rows)
	}
	if err := out.table([]string{"ERASURE", "STATE", "OF", "ASKED", "BY", "APPROVED BY", "GROUND"}, table); err != nil {
		return err
	}
	for _, h := range holds {
		by := "by its exports"
		if h.By != "" {
			by = "by " + h.By
		}
		lift := ""
		if h.Lift != "" {
			lift = "; " + visible(h.Lift) + " asks to lift it"
		}
		out.Notice("Held for %s since %s %s: %s%s.", visible(h.Case), out.day(h.Since), by, count(h.Captures, "capture"), lift)
	}
	return nil
}

// held is the answer of the verbs about holds.
type heldRow struct {
	Case     string `json:"case,omitempty"`
	Advert   int64  `json:"advert,omitempty"`
	Captures int    `json:"captures"`
	State    string `json:"state,omitempty"` // of lifting: asked or lifted
}

// Hold keeps an advert for the case that the purpose names.
func Hold(ctx context.Context, st Held, id zoeklicht.AdvertID, out *Out) error {
	n, err := st.HoldAdvert(ctx, id)
	if err != nil {
		return err
	}
	if out.JSON {
		return out.object(heldRow{Advert: int64(id), Captures: n})
	}
	return out.say("Held: %s of advert %d. Nothing of them is destroyed until the hold is lifted.", count(n, "capture"), id)
}

// AskLift asks that what is held for a case be held no more.
func AskLift(ctx context.Context, st Held, number, reason string, out *Out) error {
	n, err := st.AskLift(ctx, number, reason)
	if err != nil {
		return err
	}
	if out.JSON {
		return out.object(heldRow{Case: number, Captures: n, State: "asked"})
	}
	return out.say("To lift the hold of case %s is asked for: %s stay held until another person grants it: zoeklicht retain lift --approve", visible(number), count(n, "capture"))
}

// LiftHold ends what is held for a case, as another person asked.
func LiftHold(ctx context.Context, st Held, number string, out *Out) error {
	n, err := st.LiftHold(ctx, number)
	if err != nil {
		return err
	}
	if out.JSON {
		return out.object(heldRow{Case: number, Captures: n, State: "lifted"})
	}
	return out.say("The hold of case %s is lifted: %s may be destroyed again, unless another case holds them.", visible(number), count(n, "capture"))
}

// CheckErasures says whether what two people decided to destroy is destroyed.
func CheckErasures(open int) Finding {
	if open == 0 {
		return Finding{Check: "erasures", Grade: OK, Is: "what was approved is done"}
	}
	return Finding{
		Check: "erasures", Grade: Fail, Is: count(open, "approved erasure") + " not done",
		Do: "zoeklicht retain finish",
	}
}
