package zoeklicht

import "time"

// ExportKind is what an export is about.
type ExportKind string

// The kinds.
const (
	ExportVersion    ExportKind = "version"    // one version
	ExportVersions   ExportKind = "versions"   // several, of one advert or more
	ExportComparison ExportKind = "comparison" // an older and a newer version of one advert
	ExportResult     ExportKind = "result"     // the rows of a kept answer, all of them
	ExportRun        ExportKind = "run"        // the captures of a run
)

// ExportForm is what leaves.
type ExportForm string

// The forms.
const (
	FormPackage  ExportForm = "package"  // the zip that a stranger verifies, with the report in it
	FormPDF      ExportForm = "pdf"      // the signed report alone
	FormFindings ExportForm = "findings" // plain text in the first person, for the official record
	FormDOCX     ExportForm = "docx"     // the same findings for a word processor
	FormWARC     ExportForm = "warc"     // captures as one WARC file; on the command line only
)

// ExportForms in the order in which they are offered.
var ExportForms = []ExportForm{FormPackage, FormPDF, FormFindings, FormDOCX}

// ExportPictures says what becomes of pictures.
type ExportPictures string

// What becomes of pictures.
const (
	PicturesOut   ExportPictures = "out"   // left out; their hashes stay, so the rest still verifies
	PicturesAnnex ExportPictures = "annex" // in an annex of its own, to be sealed
	PicturesIn    ExportPictures = "in"    // in the report
)

// ExportPictureChoices in the order in which they are offered, the careful one first:
// suspects read files.
var ExportPictureChoices = []ExportPictures{PicturesOut, PicturesAnnex, PicturesIn}

// ExportOrder is a request to take something out. Who asks, and for which case, is in
// the pass that it comes with.
type ExportOrder struct {
	Kind     ExportKind
	Versions []VersionID // not for a result; of a comparison the older first
	Result   ResultID
	AsOf     time.Time // what was known then; zero for now
	Form     ExportForm
	Lang     string // of report and findings: "nl" or "en"
	// Dossier is the form for a case file, which suspects read: contact details stay
	// masked, and pictures are out or in the annex.
	Dossier  bool
	Pictures ExportPictures
	// Recipients are age recipients ("age1…"); with any, what leaves is encrypted to
	// them and nobody here can open it.
	Recipients []string
	// AnnexTo are the age recipients of the annex, who alone open it: needed where pictures
	// go into one, which a package alone has.
	AnnexTo []string
	Ground  string // one of the theme's: the Article of a Term, or GroundTheme
}

// GroundTheme is the ground of a theme that names no articles.
const GroundTheme = "theme"

// Exported is a line of the register of what left.
type Exported struct {
	ID        int64
	At        time.Time
	Person    PersonID
	Name      string
	Case      string // the purpose that it was taken out for
	Ground    string
	Form      ExportForm
	Kind      ExportKind
	What      string // "100005/3 100005/5", "r-0123456789": adverts with their versions, or a result
	File      string // its name
	Bytes     int64
	SHA256    [32]byte // of the bytes that left
	Versions  int
	Pictures  int
	Encrypted bool
	LeafIndex int64 // of its leaf in the ledger; -1 while it waits
	// Erased counts captures and items in it that were destroyed here since.
	Erased int
}
