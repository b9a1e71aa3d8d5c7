package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"zoeklicht"
	"zoeklicht/internal/blob"
	"zoeklicht/internal/keys"
	"zoeklicht/internal/store"
)

// CheckDisk judges free space, and forecasts the day on which fetching stops at the
// rate of the last days. minFree is the share below which it does.
func CheckDisk(free, total uint64, perDay float64, minFree float64, now time.Time) Finding {
	f := Finding{Check: "disk", Grade: OK}
	if total == 0 {
		return Finding{Check: "disk", Grade: Fail, Is: "the size of the disk is not known", Do: "fetching waits until it is"}
	}
	share := float64(free) / float64(total)
	f.Is = fmt.Sprintf("%s of %s free (%.0f %%)", size(int64(free)), size(int64(total)), 100*share)
	stop := minFree * float64(total)
	switch {
	case float64(free) < stop:
		f.Grade, f.Do = Fail, fmt.Sprintf("free space or add a disk: fetching waits below %.0f %%; what was captured is safe", 100*minFree)
	case perDay > 0:
		days := int((float64(free) - stop) / perDay)
		f.Is += fmt.Sprintf("; %s a day of late, so %.0f %% is reached ", size(int64(perDay)), 100*minFree)
		if days > 3650 {
			f.Is += "in more than ten years"
			break
		}
		f.Is += fmt.Sprintf("in %s, on %s", count(days, "day"), now.AddDate(0, 0, days).Format(time.DateOnly))
		if days < 30 {
			f.Grade, f.Do = Warn, "add a disk in time"
		}
	}
	return f
}

// Growth gives how many bytes a day a theme has grown of late: its captures of the last
// seven days, and the part of its database that is theirs.
func Growth(h *store.Health) float64 {
	if h.Captures == 0 {
		return 0
	}
	rows := float64(h.Size) * float64(h.Recent) / float64(h.Captures)
	return (float64(h.RecentBytes) + rows) / 7
}

// CheckSchema judges whether a database is as new as the program.
func CheckSchema(database string, have, want int32) Finding {
	f := Finding{Check: "schema", Grade: OK, Is: fmt.Sprintf("%s is at version %d", database, have)}
	switch {
	case have < want:
		f.Grade, f.Do = Warn, fmt.Sprintf("the next start brings it to version %d: make a backup first", want)
	case have > want:
		f.Grade, f.Do = Fail, fmt.Sprintf("this program knows versions up to %d: use the program that wrote it, or a newer one", want)
	}
	return f
}

// CheckRights judges what the roles of a theme may do.
func CheckRights(h *store.Health) Finding {
	switch {
	case len(h.Excess) > 0:
		return Finding{
			Check: "roles", Grade: Fail, Is: "may do what they must not: " + some(h.Excess),
			Do: "find out who granted it; the next start of serve takes it away",
		}
	case len(h.Lacking) > 0:
		return Finding{Check: "roles", Grade: Fail, Is: "may not do what they must: " + some(h.Lacking), Do: "start serve once: it gives the rights again"}
	}
	return Finding{Check: "roles", Grade: OK, Is: "each phase may do what migrations/grants.sql says, and nothing else"}
}

// some names the first of many.
func some(all []string) string {
	const most = 3
	if len(all) <= most {
		return strings.Join(all, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(all[:most], ", "), len(all)-most)
}

// CheckKeys judges a theme's key file, and whether it opens what was sealed: read
// opens an item and throws it away.
func CheckKeys(dir string, theme zoeklicht.ThemeName, ring *keys.Ring, samples []store.Sample, read func(store.Sample) error) Finding {
	f := Finding{Check: "keys", Grade: OK}
	path := keys.Path(dir, theme)
	info, err := os.Stat(path)
	if err == nil && info.Mode().Perm()&0o077 != 0 {
		return Finding{Check: "keys", Grade: Fail, Is: fmt.Sprintf("others can read %s, which has mode %04o", path, info.Mode().Perm()), Do: "chmod 600 " + path}
	}
	if ring == nil {
		return Finding{Check: "keys", Grade: Fail, Is: fmt.Sprintf("%s is missing or no key file", path), Do: "restore it from a backup: without it nothing that was captured can be opened"}
	}
	for _, s := range samples {
		if err := read(s); err != nil && !errors.Is(err, blob.ErrErased) {
			f.Grade = Fail
			f.Is = fmt.Sprintf("key %s does not open segment %08d: %v", ring.Public().ID(), s.Place.Segment, err)
			f.Do = "restore the theme's own key file, and see whether the segment is whole"
			return f
		}
	}
	f.Is = fmt.Sprintf("%s, the newest %s, made %s", count(len(ring.Keys()), "key"), ring.Public().ID(), ring.Public().Created().UTC().Format(time.DateOnly))
	if len(samples) > 0 {
		f.Is += fmt.Sprintf("; opens what was sealed (tried on %s)", count(len(samples), "segment"))
	}
	return f
}

// CheckSegments judges a folder of segments against what the database says that it
// holds: committed is where the committed bytes of each segment end. The newest deep
// segments, or all of them for a negative deep, are read through.
func CheckSegments(ctx context.Context, folder blob.Folder, committed map[int64]int64, deep int) (Finding, error) {
	f := Finding{Check: string(folder.Kind), Grade: OK}
	there, err := folder.Segments()
	if err != nil {
		return f, err
	}
	lost, err := lostBytes(folder, there, committed)
	if err != nil {
		return f, err
	}
	if len(lost) > 0 {
		f.Grade, f.Is = Fail, "rows point to bytes that are not there: "+some(lost)
		f.Do = "restore these segments from a backup; what the others hold is not concerned"
		return f, nil
	}
	scanned := there
	if deep >= 0 && len(scanned) > deep {
		scanned = scanned[len(scanned)-deep:]
	}
	s, err := readThrough(ctx, folder, scanned, committed)
	if err != nil {
		return f, err
	}
	if len(s.damage) > 0 {
		f.Grade, f.Is, f.Do = Fail, "damaged: "+some(s.damage), "check the disk, and restore these segments from a backup"
		return f, nil
	}
	f.Is = fmt.Sprintf("%s, every row's bytes are there; read through %d of them: %s whole", count(len(there), "segment"), len(scanned), count(s.frames, "frame"))
	if s.unknown > 0 {
		f.Is += fmt.Sprintf("; %s that no row knows are left alone", size(s.unknown))
	}
	return f, nil
}

// lostBytes names the segments that end before their committed bytes do.
func lostBytes(folder blob.Folder, there []int64, committed map[int64]int64) (lost []string, err error) {
	for n, end := range committed {
		if !slices.Contains(there, n) {
			lost = append(lost, fmt.Sprintf("there is no segment %08d", n))
			continue
		}
		info, err := os.Stat(filepath.Join(folder.Dir, fmt.Sprintf("%08d.seg", n)))
		if err != nil {
			return nil, err
		}
		if info.Size() < end {
			lost = append(lost, fmt.Sprintf("segment %08d ends at %d, rows point as far as %d", n, info.Size(), end))
		}
	}
	slices.Sort(lost)
	return lost, nil
}

// scanned is what reading segments through found.
type scanned struct {
	frames  int
	unknown int64    // bytes beyond the committed ones: appended by a process that died before its commit
	damage  []string // among the committed ones
}

func readThrough(ctx context.Context, folder blob.Folder, segments []int64, committed map[int64]int64) (s scanned, err error) {
	for _, n := range segments {
		for frame, err := range folder.Scan(n) {
			if ctx.Err() != nil {
				return s, ctx.Err()
			}
			var d *blob.Damage
			switch {
			case err == nil && frame.Offset >= committed[n]:
				s.unknown += frame.Length
			case err == nil:
				s.frames++
			case !errors.As(err, &d):
				return s, err
			case d.Offset >= committed[n]:
				s.unknown += d.Length
			default:
				s.damage = append(s.damage, d.Error())
			}
		}
	}
	return s, nil
}

// CheckLag judges how far a stage is behind.
func CheckLag(stage string, captures int) Finding {
	f := Finding{Check: stage, Grade: OK, Is: "has read everything"}
	if captures > 0 {
		f.Is = fmt.Sprintf("%s still to read", count(captures, "capture"))
	}
	if captures > 10_000 {
		f.Grade, f.Do = Warn, "see that the stage runs: `zoeklicht serve`, or `zoeklicht work --stages "+stage+"`"
	}
	return f
}

// CheckAssessed judges how many versions the newest rules have not come to: new ones, or
// all of them for a while after a rule changed.
func CheckAssessed(versions int) Finding {
	if versions == 0 {
		return Finding{Check: "assess", Grade: OK, Is: "every version is assessed with the newest rules"}
	}
	return Finding{Check: "assess", Grade: OK, Is: fmt.Sprintf("%s still to assess with the newest rules", count(versions, "version"))}
}

// reviewSoon is how long before its end an approval is announced.
const reviewSoon = 30 * 24 * time.Hour

// CheckReviews judges which sources stop being watched, now or soon. now is the theme's
// time.
func CheckReviews(sources []zoeklicht.Source, now time.Time) Finding {
	f := Finding{Check: "sources", Grade: OK}
	var lapsed, soon []string
	active := 0
	for i := range sources {
		s := &sources[i]
		switch {
		case s.State != zoeklicht.Approved:
		case !s.Active(now):
			lapsed = append(lapsed, fmt.Sprintf("%s (on %s)", s.ID, s.ReviewBy.UTC().Format(time.DateOnly)))
		case s.ReviewBy.Sub(now) < reviewSoon:
			active++
			soon = append(soon, fmt.Sprintf("%s (on %s)", s.ID, s.ReviewBy.UTC().Format(time.DateOnly)))
		default:
			active++
		}
	}
	f.Is = fmt.Sprintf("%d of %d may be visited", active, len(sources))
	if len(lapsed) > 0 {
		f.Grade, f.Do = Warn, "have them reviewed: vetted and approved again by two people"
		f.Is += "; lapsed: " + some(lapsed)
	}
	if len(soon) > 0 {
		f.Grade, f.Do = Warn, "have them reviewed: vetted and approved again by two people"
		f.Is += "; to be reviewed soon: " + some(soon)
	}
	return f
}

// CheckClock judges the machine's clock: against the database's, against the newest
// commit, and whether the kernel says that something keeps it right.
func CheckClock(system time.Time, h *store.Health, synchronised bool) Finding {
	f := Finding{Check: "clock", Grade: OK, Is: "kept right by the network"}
	off := h.Now.Sub(system)
	switch {
	case h.Last.After(h.Now.Add(time.Minute)):
		f.Grade, f.Is = Fail, fmt.Sprintf("the newest commit is of %s, %s ahead of the clock", h.Last.UTC().Format(time.RFC3339), h.Last.Sub(h.Now).Round(time.Second))
		f.Do = "set the clock: moments only grow, so captures bear a wrong time until it has caught up"
	case off.Abs() > 5*time.Second:
		f.Grade, f.Is, f.Do = Warn, fmt.Sprintf("the database's clock is %s off this machine's", off.Round(time.Millisecond)), "run a time service on both machines"
	case !synchronised:
		f.Grade, f.Is, f.Do = Warn, "nothing keeps it right, says the kernel", "run a time service (systemd-timesyncd, chrony): captures are dated by it"
	}
	return f
}

// CheckSandbox judges what the kernel offers to confine the stages: landlock is the
// version of its interface, 0 for none; namespaces is why there are no user
// namespaces.
func CheckSandbox(landlock int, namespaces error) []Finding {
	l := Finding{Check: "landlock", Grade: OK, Is: fmt.Sprintf("version %d: collecting reaches its vault and nothing else", landlock)}
	if landlock == 0 {
		l = Finding{
			Check: "landlock", Grade: Warn, Is: "this kernel has none, so collecting can read every file that its user can",
			Do: "use Linux 5.13 or newer with lsm=landlock, or run collecting as a user of its own",
		}
	}
	n := Finding{Check: "namespaces", Grade: OK, Is: "analysis runs without a network"}
	if namespaces != nil {
		n = Finding{
			Check: "namespaces", Grade: Warn, Is: fmt.Sprintf("not for this user (%v), so analysis runs with a network, of which it makes no use", namespaces),
			Do: "allow unprivileged user namespaces",
		}
	}
	return []Finding{l, n}
}

// CheckFolder judges whether others can look into a folder of secrets or of captures.
func CheckFolder(check, dir string) Finding {
	info, err := os.Stat(dir)
	switch {
	case err != nil:
		return Failed(check, err, "restore it from a backup")
	case info.Mode().Perm()&0o077 != 0:
		return Finding{Check: check, Grade: Fail, Is: fmt.Sprintf("others can look into %s, which has mode %04o", dir, info.Mode().Perm()), Do: "chmod 700 " + dir}
	}
	return Finding{Check: check, Grade: OK, Is: dir + " is closed to others"}
}
