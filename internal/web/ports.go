package web

import (
	"context"
	"net/netip"
	"time"

	"zoeklicht"
	"zoeklicht/internal/access"
)

// Door lets people in: internal/access.
type Door interface {
	// SignIn checks a password. from is the network address, for the record of the
	// attempt and for slowing down guesses. A wrong name and a wrong password get the
	// same Denied; too many attempts get Limit.
	SignIn(ctx context.Context, login, password string, from netip.Addr) (*zoeklicht.Person, error)
	// GrantsOf gives the grants of a person, those that have ended as well.
	GrantsOf(ctx context.Context, id zoeklicht.PersonID) ([]zoeklicht.Grant, error)
	// Enter gives the pass for a theme: NotFound for one that does not exist and one
	// without a grant alike, Conflict for one that is not active. purpose may be empty
	// until something needs it.
	Enter(ctx context.Context, id zoeklicht.PersonID, theme zoeklicht.ThemeName, purpose string) (*access.Pass, error)
	// ChangePassword replaces a password: Denied when the old one is wrong, Invalid
	// when the new one is too weak, saying why. The person's other sessions end.
	ChangePassword(ctx context.Context, id zoeklicht.PersonID, old, fresh string, from netip.Addr) error
	// SetLang keeps the language that a person reads.
	SetLang(ctx context.Context, id zoeklicht.PersonID, lang string) error
}

// Themes tells about themes what is no content.
type Themes interface {
	// Theme gives the theme as its pack words it; NotFound if it is not active.
	Theme(ctx context.Context, name zoeklicht.ThemeName) (*zoeklicht.Theme, error)
	// Now gives the time on the theme's clock.
	Now(ctx context.Context, pass *access.Pass) (time.Time, error)
}

// Searcher answers questions: internal/search on a theme's store. A page holds
// Config.PageSize rows. Content in rows is masked.
type Searcher interface {
	// Search asks a question as of a moment (the zero time means now) and keeps the
	// answer under an identifier. Pages count from 1.
	Search(ctx context.Context, pass *access.Pass, q zoeklicht.Question, asOf time.Time, page int) (*zoeklicht.Result, error)
	// Result gives a kept answer again.
	Result(ctx context.Context, pass *access.Pass, id zoeklicht.ResultID, page int) (*zoeklicht.Result, error)
	// Facets gives what a question can be narrowed to.
	Facets(ctx context.Context, pass *access.Pass, asOf time.Time) (*zoeklicht.Facets, error)
	// News gives the newest versions that became known since this person was last in
	// this theme, newest first, at most n rows, and that moment; a zero moment means
	// that this is the first visit. The result has no identifier.
	News(ctx context.Context, pass *access.Pass, n int) (since time.Time, r *zoeklicht.Result, err error)
}

// Adverts gives adverts as of a moment.
type Adverts interface {
	// Advert gives an advert with its versions, newest first, all content masked.
	Advert(ctx context.Context, pass *access.Pass, id zoeklicht.AdvertID, asOf time.Time) (*zoeklicht.Advert, error)
	// Reveal gives a version in the clear, for the pass's purpose.
	Reveal(ctx context.Context, pass *access.Pass, id zoeklicht.VersionID) (*zoeklicht.Version, error)
	// PictureShown gives the re-encoded form of a version's picture, for the pass's
	// purpose.
	PictureShown(ctx context.Context, pass *access.Pass, version zoeklicht.VersionID, n int) (body []byte, mime string, err error)
	// Capture gives what the register knows about a capture: no content.
	Capture(ctx context.Context, pass *access.Pass, id zoeklicht.CaptureID) (*zoeklicht.Capture, error)
}

// Register is the register of a theme's sources.
type Register interface {
	Sources(ctx context.Context, pass *access.Pass) ([]zoeklicht.Source, error)
	// Standing gives identifier, title, state and end of approval of each source, for
	// screens about other things: it is not audited.
	Standing(ctx context.Context, pass *access.Pass) ([]zoeklicht.Source, error)
	// Source gives one source with its decisions, oldest first.
	Source(ctx context.Context, pass *access.Pass, id zoeklicht.SourceID) (*zoeklicht.Source, error)
	// Propose enters a source, with the reason and considerations of the decision.
	Propose(ctx context.Context, pass *access.Pass, src *zoeklicht.Source, d zoeklicht.Decision) error
	// Decide takes the next step. Conflict when the source stands elsewhere meanwhile,
	// or when the same person took the step before.
	Decide(ctx context.Context, pass *access.Pass, d zoeklicht.Decision) error
	// Recipe gives the YAML of a stored recipe.
	Recipe(ctx context.Context, pass *access.Pass, id zoeklicht.SourceID, version int) (string, error)
}

// Runs tells how crawling goes: numbers, no content.
type Runs interface {
	// Latest gives the newest run of each source; running ones with live counts.
	Latest(ctx context.Context, pass *access.Pass) ([]zoeklicht.Run, error)
	// Of gives the newest n runs of a source, newest first.
	Of(ctx context.Context, pass *access.Pass, id zoeklicht.SourceID, n int) ([]zoeklicht.Run, error)
	// Start asks for a run of a source now; Stop asks to end the one that goes on.
	Start(ctx context.Context, pass *access.Pass, id zoeklicht.SourceID) error
	Stop(ctx context.Context, pass *access.Pass, id zoeklicht.SourceID) error
}
