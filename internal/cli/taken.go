package cli

import (
	"encoding/hex"
	"fmt"
	"time"

	"zoeklicht"
)

// Taken tells how an export gets on, and what left.
type Taken struct {
	Out  *Out
	Made *zoeklicht.Exported

	step zoeklicht.JobStep
	told time.Time
}

// steps are what is done, for the line of progress.
var steps = map[zoeklicht.JobStep]string{
	zoeklicht.StepGather: "reading", zoeklicht.StepProve: "proving", zoeklicht.StepDraw: "drawing the report", zoeklicht.StepSign: "signing",
	zoeklicht.StepPack: "packing", zoeklicht.StepEncrypt: "encrypting", zoeklicht.StepRecord: "recording",
}

// Progress tells what is done now, when that changes and four times a second, on a
// terminal only: an export is short.
func (t *Taken) Progress(step zoeklicht.JobStep, done, total int) {
	if !t.Out.Live || t.Out.JSON || step == t.step && time.Since(t.told) < 250*time.Millisecond {
		return
	}
	t.step, t.told = step, time.Now()
	of := ""
	if total > 0 {
		of = fmt.Sprintf(" %d of %d", done, total)
	}
	fmt.Fprintf(t.Out.Err, "\r\x1b[K%s%s", steps[step], of)
}

// takenJSON is the answer as JSON.
type takenJSON struct {
	Export   int64  `json:"export"`
	File     string `json:"file"`
	Bytes    int64  `json:"bytes"`
	SHA256   string `json:"sha256"`
	What     string `json:"what"`
	Versions int    `json:"versions"`
	Pictures int    `json:"pictures"`
}

// Print tells what was written to file.
func (t *Taken) Print(file string) error {
	if t.Out.Live && t.step != "" {
		fmt.Fprint(t.Out.Err, "\r\x1b[K")
	}
	e := t.Made
	if t.Out.JSON {
		return t.Out.object(takenJSON{e.ID, file, e.Bytes, hex.EncodeToString(e.SHA256[:]), e.What, e.Versions, e.Pictures})
	}
	return t.Out.say("%s: %s, %s\nSHA-256 %x, export %d in the register", file, e.What, size(e.Bytes), e.SHA256, e.ID)
}
