package main

import (
	"context"
	"fmt"
	"os"

	"zoeklicht/internal/access"
	"zoeklicht/internal/picture"
)

// pictureVerb is the hidden verb of the picture decoder's process.
const pictureVerb = "picture-decoder"

// verbs lists what the command does, in the order of the overview. Those without a
// text are processes that other verbs start.
func verbs() []verb {
	return []verb{
		{"practice", "[--days N] [--adverts N] [--seed S] [--day-every 10m]", "Try everything on synthetic sites: dashboard, crawling, searching", runPractice},
		{"serve", "", "The dashboard, with the stages as processes of their own", runServe},
		{"practice-web", "--addr A --adverts N --seed S --day D", "The synthetic sites alone; prints their addresses as JSON", runPracticeWeb},
		{"backup", "--out FILE", "Databases, segments and keys as one consistent set", runBackup},
		{"restore", "--from FILE --data EMPTY-FOLDER", "Put a backup back into an empty folder", runRestore},
		{"stage", "", "", func(ctx context.Context, c *call) error {
			if len(c.raw) != 1 {
				return usage(fmt.Errorf("a stage is started by serve, work or practice"))
			}
			return stageMain(ctx, c.raw[0], c.stderr)
		}},
		{pictureVerb, "", "", func(context.Context, *call) error { return picture.Child(os.Stdin, os.Stdout) }},
	}
}

func sessionConfig(cfg Config) access.SessionConfig { return access.SessionConfig{Secure: cfg.Secure} }
