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
		{"practice", "[--days N] [--adverts N] [--seed S] [--day-every 10m] [--sites HOST:PORT]", "Try everything on synthetic sites: dashboard, crawling, searching", runPractice},
		{"serve", "", "The dashboard, with the stages as processes of their own", runServe},
		{"practice-web", "--addr A --adverts N --seed S --day D", "The synthetic sites alone; prints their addresses as JSON", runPracticeWeb},
		{"init", initUsage, "Make an installation and its first administrator", runInit},
		{"work", workUsage, "The stages as processes of their own, without the dashboard", runWork},
		{"crawl", crawlUsage, "One run of a source, now", runCrawl},
		{"source", sourceUsage, "The register: propose, vet, approve, suspend, list, show", runSource},
		{"search", searchUsage, "Ask a theme's adverts, as of a moment", runSearch},
		{"extract", extractUsage, "The fields of one page", runExtract},
		{"entities", entitiesUsage, "Phone numbers, addresses, prices, places and the like in a text", runEntities},
		{"theme", themeUsage, "Themes: list, check a pack, activate", runTheme},
		{"indicators", indicatorsUsage, "Indicators: list, run their own tests, try one on the archive", runIndicators},
		{"person", personUsage, "Who can sign in", runPerson},
		{"grant", grantUsage, "Who may do what, in which theme, until when", runGrant},
		{"audit", auditUsage, "Who did what in a theme", runAudit},
		{"retain", retainUsage, "Destroy what two people decide, and hold what a case needs", runRetain},
		{"case", caseUsage, "What the record says about a case number, for the court", runCase},
		{"export", exportUsage, "Take out what a case needs: package, report, findings, WARC", runExport},
		{"verify", verifyUsage, "Check an evidence package, offline, without an installation", runVerify},
		{"rebuild", rebuildUsage, "Make again what is derived in a theme's database", runRebuild},
		{"keys", keysUsage, "The keys that sign logs and reports: list, rotate, try, and the policy to deposit", runKeys},
		{"witness", witnessUsage, "Watch another organisation's logs, and cosign what continues them", runWitness},
		{"doctor", doctorUsage, "Examine the installation, and say what to do", runDoctor},
		{"backup", backupUsage, "Databases, segments and keys as one consistent set", runBackup},
		{"restore", restoreUsage, "Put a backup back into an empty folder", runRestore},
		{"stage", "", "", func(ctx context.Context, c *call) error {
			if len(c.raw) != 1 && len(c.raw) != 3 {
				return usage(fmt.Errorf("a stage is started by serve, work, crawl or practice"))
			}
			return stageMain(ctx, c.raw, c.stderr)
		}},
		{notaryVerb, "", "", runPracticeNotary},
		{pictureVerb, "", "", func(context.Context, *call) error { return picture.Child(os.Stdin, os.Stdout) }},
	}
}

func sessionConfig(cfg Config) access.SessionConfig { return access.SessionConfig{Secure: cfg.Secure} }
