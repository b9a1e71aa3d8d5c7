package main

import (
	"fmt"
	"io"
	"reflect"
)

func find(name string) *verb {
	all := verbs()
	for i := range all {
		if all[i].name == name {
			return &all[i]
		}
	}
	return nil
}

// overview lists the verbs.
func overview(w io.Writer) {
	fmt.Fprint(w, "Zoeklicht watches approved public sources on a theme, with proof.\n\nUsage: zoeklicht VERB [flags]\n\n")
	for _, v := range verbs() {
		if v.text != "" {
			fmt.Fprintf(w, "  %-14s %s\n", v.name, v.text)
		}
	}
	fmt.Fprint(w, "\nBegin with `zoeklicht practice`: it needs nothing else.\n"+
		"`zoeklicht help VERB` shows a verb's use, `zoeklicht help config` every key of the configuration.\n")
}

// help shows one verb, or the configuration.
func help(name string, stdout, stderr io.Writer) int {
	if name == "config" {
		cfg := defaults()
		fmt.Fprint(stdout, "Each key stands in the YAML file given by --config, as a flag, or as a variable.\n\n")
		for _, s := range settings("", reflect.ValueOf(&cfg).Elem()) {
			fmt.Fprintf(stdout, "  %-26s --%-26s %s\n", s.key, s.key, variable(s.key))
		}
		return exitDone
	}
	v := find(name)
	if v == nil {
		fmt.Fprintf(stderr, "zoeklicht: there is no verb %q\n", name)
		return exitUsage
	}
	fmt.Fprintf(stdout, "%s\n\nUsage: zoeklicht %s %s\n\nAlways: --config FILE --data DIR --addr HOST:PORT --database DSN --pg-bin DIR --log-format text|json --lang nl|en\n", v.text, v.name, v.usage)
	return exitDone
}
