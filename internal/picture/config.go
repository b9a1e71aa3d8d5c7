package picture

import "time"

// Config bounds decoding. Zero values take the defaults in brackets.
type Config struct {
	// Command starts a child: the path of a program and arguments that make it call
	// Child. Needed; the front door gives its own path and a hidden verb.
	Command []string `yaml:"-"`
	// Memory is how many bytes a child may allocate. [512 MiB]
	Memory int64 `yaml:"memory"`
	// Pixels is how many a picture may have. [40,000,000]
	Pixels int64 `yaml:"pixels"`
	// Bytes is how many a captured picture may have to be decoded. [20 MiB]
	Bytes int64 `yaml:"bytes"`
	// Side is how many pixels the longer side of the shown form has at most. [1024]
	Side int `yaml:"side"`
	// Timeout is how long one picture may take. [20s]
	Timeout time.Duration `yaml:"timeout"`
	// Children is how many pictures are decoded at once. [1]
	Children int `yaml:"children"`
	// Reuse is after how many pictures a child is replaced. [1000]
	Reuse int `yaml:"reuse"`
}

// WithDefaults fills the zero values.
func (c Config) WithDefaults() Config {
	def(&c.Memory, 512<<20)
	def(&c.Pixels, 40_000_000)
	def(&c.Bytes, 20<<20)
	def(&c.Side, 1024)
	def(&c.Timeout, 20*time.Second)
	def(&c.Children, 1)
	def(&c.Reuse, 1000)
	return c
}

func def[T comparable](p *T, v T) {
	var zero T
	if *p == zero {
		*p = v
	}
}

// Problems, as zoeklicht.Picture has them: why a picture cannot be shown.
const (
	TooLarge      = "too-large"       // more bytes than Config.Bytes
	TooManyPixels = "too-many-pixels" // more than Config.Pixels, as declared or as decoded
	UnknownFormat = "unknown-format"  // none of those decoded here
	Broken        = "broken"          // its bytes are not what its format wants
	OutOfMemory   = "out-of-memory"   // decoding needs more than Config.Memory
	TimedOut      = "timed-out"       // decoding takes longer than Config.Timeout
	Crashed       = "crashed"         // decoding ended the child
)
