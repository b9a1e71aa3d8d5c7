package main

import (
	"fmt"
	"io"
	"os"
	"reflect"
	"strconv"
	"strings"
	"time"

	"zoeklicht"
	"zoeklicht/internal/crawl"
	"zoeklicht/internal/fetch"
	"zoeklicht/internal/keys"

	"github.com/goccy/go-yaml"
	"github.com/spf13/pflag"
)

// Config is the configuration: a YAML file given by --config, in which an unknown
// key is an error. Each key is a flag as well (--collect.group) and a variable
// (ZOEKLICHT_COLLECT_GROUP); a flag beats a variable, and both beat the file.
type Config struct {
	// Data is the folder that holds everything: keys, cluster, segments. [./data]
	Data string `yaml:"data"`
	// Addr is where the dashboard listens; a taken port is named and the next one
	// is used in practice. [127.0.0.1:8080]
	Addr string `yaml:"addr"`
	// Database is the address of a PostgreSQL that somebody else runs, 15 or newer;
	// its role needs CREATEDB and CREATEROLE. [the embedded one, under Data]
	Database string `yaml:"database"`
	// PgBin is the folder of PostgreSQL's programs for a cluster of our own. [the
	// embedded ones]
	PgBin string `yaml:"pg-bin"`
	// LogFormat is text or json. [text]
	LogFormat string `yaml:"log-format"`
	// LogLevel is debug, info, warn or error. [info]
	LogLevel string `yaml:"log-level"`
	// Lang is the language for who has not chosen one, nl or en. [nl]
	Lang string `yaml:"lang"`
	// Workers says whether serve starts the stages as processes of its own: 1, or 0
	// for stages that are started apart. [1]
	Workers int `yaml:"workers"`
	// Secure says that people reach the dashboard by https, through a proxy. [false]
	Secure bool `yaml:"secure"`
	// Organisation is what reports say who made them, and whose name a signing key that the
	// program makes itself carries. [Zoeklicht]
	Organisation string `yaml:"organisation"`
	// HouseStyle is a CSS file with an organisation's colours, loaded after ours. []
	HouseStyle string `yaml:"house-style"`

	Fetch   fetch.Config `yaml:"fetch"`
	Collect crawl.Config `yaml:"collect"`
	// Ledger is about the logs that prove what was captured.
	Ledger crawl.LedgerConfig `yaml:"ledger"`
	// Signing is about the organisation's key, which signs what leaves.
	Signing keys.SigningConfig `yaml:"signing"`
}

func defaults() Config {
	return Config{Data: "./data", Addr: "127.0.0.1:8080", LogFormat: "text", LogLevel: "info", Lang: "nl", Workers: 1, Organisation: "Zoeklicht"}
}

// setting is one key of the configuration.
type setting struct {
	key   string // "collect.group"
	value reflect.Value
}

// settings lists the keys of a configuration, in their order.
func settings(prefix string, v reflect.Value) (out []setting) {
	for i := range v.NumField() {
		key := v.Type().Field(i).Tag.Get("yaml")
		if key == "" || key == "-" {
			continue
		}
		f := v.Field(i)
		if f.Kind() == reflect.Struct {
			out = append(out, settings(prefix+key+".", f)...)
			continue
		}
		out = append(out, setting{prefix + key, f})
	}
	return out
}

// Set reads a value as the key's kind wants it. It makes a setting a pflag.Value.
func (s setting) Set(text string) error {
	if own, ok := s.value.Addr().Interface().(interface{ Set(text string) error }); ok {
		return own.Set(text)
	}
	switch s.value.Interface().(type) {
	case string:
		s.value.SetString(text)
	case time.Duration:
		d, err := time.ParseDuration(text)
		if err != nil {
			return fmt.Errorf("%q is not a duration such as 90s or 24h", text)
		}
		s.value.SetInt(int64(d))
	case bool:
		b, err := strconv.ParseBool(text)
		if err != nil {
			return fmt.Errorf("%q is not true or false", text)
		}
		s.value.SetBool(b)
	case float64:
		f, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return fmt.Errorf("%q is not a number", text)
		}
		s.value.SetFloat(f)
	default:
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return fmt.Errorf("%q is not a whole number", text)
		}
		s.value.SetInt(n)
	}
	return nil
}

// String gives the value; Type names its kind.
func (s setting) String() string {
	if !s.value.IsValid() || s.value.IsZero() {
		return ""
	}
	return fmt.Sprint(s.value.Interface())
}

// Type names the kind of value for --help.
func (s setting) Type() string { return s.value.Kind().String() }

func variable(key string) string {
	return "ZOEKLICHT_" + strings.ToUpper(strings.NewReplacer(".", "_", "-", "_").Replace(key))
}

// load reads the configuration: file, then variables, then the flags that were
// given. fs has the verb's own flags; ours are added, parsed and applied.
func load(fs *pflag.FlagSet, args []string, getenv func(string) (string, bool)) (Config, error) {
	cfg := defaults()
	given := defaults()
	file := fs.String("config", "", "configuration file (YAML)")
	for _, s := range settings("", reflect.ValueOf(&given).Elem()) {
		f := fs.VarPF(s, s.key, "", "")
		f.Hidden = strings.Contains(s.key, ".")
		if s.value.Kind() == reflect.Bool {
			f.NoOptDefVal = "true"
		}
	}
	if err := fs.Parse(args); err != nil {
		return cfg, err
	}
	if *file == "" {
		*file, _ = getenv("ZOEKLICHT_CONFIG")
	}
	if *file != "" {
		if err := readFile(*file, &cfg); err != nil {
			return cfg, err
		}
	}
	from := reflect.ValueOf(&given).Elem()
	byKey := map[string]setting{}
	for _, s := range settings("", from) {
		byKey[s.key] = s
	}
	for _, s := range settings("", reflect.ValueOf(&cfg).Elem()) {
		if text, ok := getenv(variable(s.key)); ok && text != "" {
			if err := s.Set(text); err != nil {
				return cfg, zoeklicht.Errorf(zoeklicht.Invalid, "%s: %w", variable(s.key), err).With("nothing was started", "correct it and try again")
			}
		}
		if f := fs.Lookup(s.key); f != nil && f.Changed {
			s.value.Set(byKey[s.key].value)
		}
	}
	return cfg, cfg.check()
}

func readFile(path string, cfg *Config) error {
	f, err := os.Open(path)
	if err != nil {
		return zoeklicht.Errorf(zoeklicht.Invalid, "the configuration file: %w", err).With("nothing was started", "")
	}
	defer f.Close() // read only
	dec := yaml.NewDecoder(f, yaml.Strict())
	if err := dec.Decode(cfg); err != nil && err != io.EOF {
		return zoeklicht.Errorf(zoeklicht.Invalid, "%s: %s", path, yaml.FormatError(err, false, false)).
			With("nothing was started", "correct the key; `zoeklicht help config` lists them all")
	}
	return nil
}

func (c *Config) check() error {
	for _, f := range []struct {
		key, value string
		allowed    []string
	}{
		{"lang", c.Lang, []string{"nl", "en"}},
		{"log-format", c.LogFormat, []string{"text", "json"}},
		{"log-level", c.LogLevel, []string{"debug", "info", "warn", "error"}},
	} {
		ok := false
		for _, a := range f.allowed {
			ok = ok || a == f.value
		}
		if !ok {
			return zoeklicht.Errorf(zoeklicht.Invalid, "%s is %q: one of %s", f.key, f.value, strings.Join(f.allowed, ", ")).
				With("nothing was started", "")
		}
	}
	if c.Workers < 0 || c.Workers > 1 {
		return zoeklicht.Errorf(zoeklicht.Invalid, "workers is %d: 0 or 1", c.Workers).With("nothing was started", "")
	}
	return nil
}
