package cli

import (
	"fmt"
	"strings"
)

// Witness is what a witness tells when it starts: all that a platform has to be
// configured with, and all that a policy to deposit says of it.
type Witness struct {
	Name string   `json:"name"`
	VKey string   `json:"vkey"`
	URL  string   `json:"url"`  // at which platforms reach it
	Logs []string `json:"logs"` // the origins of the logs that it watches
}

// Show prints it, as an object with the lines of a policy, or for a person.
func (w *Witness) Show(o *Out) error {
	lines := []string{fmt.Sprintf("witness %s %s %s", w.label(), w.VKey, w.URL), "quorum " + w.label()}
	if o.JSON {
		return o.object(struct {
			Witness
			Logs   []string `json:"logs"`
			Policy []string `json:"policy"`
		}{*w, list(w.Logs), lines})
	}
	if err := o.say("This is the witness %s, at %s", visible(w.Name), visible(w.URL)); err != nil {
		return err
	}
	if len(w.Logs) == 0 {
		if err := o.say("It watches no log yet: start it with --log KEY for each, as the platform's operator gives them."); err != nil {
			return err
		}
	}
	for _, origin := range w.Logs {
		if err := o.say("It watches %s", visible(origin)); err != nil {
			return err
		}
	}
	return o.say("\nLines for the platform's policy of witnesses:\n\n%s\n", visible(lines[0])+"\n"+visible(lines[1]))
}

// label is what policies may call the witness: its name up to the first slash.
func (w *Witness) label() string {
	label, _, _ := strings.Cut(w.Name, "/")
	if label == "" || label == "none" {
		return "witness"
	}
	return label
}
