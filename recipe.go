package zoeklicht

// Recipe tells how adverts are read from one source's pages: which addresses
// are listings and which are adverts, and where each field stands. Recipes are
// YAML data, versioned rows of their source; the captures they read stay, so a
// better recipe reads the past again.
type Recipe struct {
	Source  SourceID `yaml:"source"`
	Version int      `yaml:"version"`
	// Name of the page template, shown with what was read by it.
	Template string `yaml:"template"`
	// Session names URL parameters (query, or ;name= in the path) that carry a
	// visitor's session. They are left out of canonical URLs and page digests.
	Session []string `yaml:"session,omitempty"`
	Listing Listing  `yaml:"listing"`
	Advert  Detail   `yaml:"advert"`
	// NotContent recognises pages that answer 200 and are no content.
	NotContent []Barrier `yaml:"not_content,omitempty"`
}

// Listing tells how the pages that list adverts are read. Exactly one of Links
// and JSON is used: CSS selectors on HTML, or dotted paths in a JSON body.
type Listing struct {
	Match string   `yaml:"match"`           // regular expression on path?query that a listing's URL has
	Start []string `yaml:"start"`           // where a run starts, relative to the source's home
	Links string   `yaml:"links,omitempty"` // selector of <a> elements that lead to adverts
	Next  string   `yaml:"next,omitempty"`  // selector of the <a> that leads to the next listing
	JSON  *struct {
		Items string `yaml:"items"`           // path to the array of adverts
		URL   string `yaml:"url"`             // path in an item to its address, or a template such as /ad/{id}
		Next  string `yaml:"next,omitempty"`  // path to the next page's address
		Total string `yaml:"total,omitempty"` // path to the number of adverts there are
	} `yaml:"json,omitempty"`
	// Total is a selector whose text holds how many adverts the site says it has.
	Total string `yaml:"total,omitempty"`
	// Expect is the least number of adverts a first listing has when all is well;
	// fewer means that the layout drifted, and no advert is called gone.
	Expect int `yaml:"expect,omitempty"`
}

// Detail tells how the page of one advert is read.
type Detail struct {
	Match  string           `yaml:"match"` // regular expression on path?query that an advert's URL has
	ID     string           `yaml:"id"`    // regular expression on path?query; group 1 is the site's own number
	Fields map[string]Field `yaml:"fields"`
	// Require names fields without which the page is not an advert.
	Require []string `yaml:"require,omitempty"`
}

// Field tells where one field stands. Selectors are CSS on HTML, dotted paths
// on JSON ("@json path" reads JSON inside a selected script element).
type Field struct {
	Select string   `yaml:"select"`
	Attr   string   `yaml:"attr,omitempty"` // attribute instead of text
	JSON   string   `yaml:"json,omitempty"` // dotted path inside the selected text, or in the body where Select is empty
	All    bool     `yaml:"all,omitempty"`  // every match, not the first
	Do     []string `yaml:"do,omitempty"`   // transforms in order: trim, text, lower, price, date:<layout>, url, regexp:<re with group 1>, join:<sep>, split:<sep>, replace:<re>=><new>
}

// Barrier recognises one kind of page that is not content.
type Barrier struct {
	Kind   NotContent `yaml:"kind"`
	Select string     `yaml:"select,omitempty"` // an element that only such a page has
	Text   string     `yaml:"text,omitempty"`   // a regular expression on its visible text
}

// NotContent says why a page that was fetched says nothing about an advert.
// No advert is called gone because of one.
type NotContent string

// The kinds of page that are not content. The empty string means content.
const (
	LoginWall     NotContent = "login-wall"
	Captcha       NotContent = "captcha"
	ConsentPage   NotContent = "consent"
	ErrorPage     NotContent = "error-page"
	SoftNotFound  NotContent = "soft-404"
	EmptyTemplate NotContent = "empty-template"
	RateLimited   NotContent = "rate-limited"
	Unreadable    NotContent = "unreadable" // not text we can decode, or cut off
)

// The names of the fields that adverts have. A recipe may read others; those
// outside the theme's field list never reach the working store.
const (
	FieldTitle  = "title"
	FieldBody   = "body"
	FieldPrice  = "price"
	FieldPhones = "phones"
	FieldImages = "images"
	FieldDate   = "date"
	FieldPlace  = "place"
	FieldName   = "name"
	FieldAge    = "age"
)
