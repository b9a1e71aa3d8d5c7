package picture

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"time"
)

// Child is the child's whole life: it confines itself, then decodes what comes in
// until in ends. It belongs in a process of its own, since it gives up that
// process's rights for good.
func Child(in io.Reader, out io.Writer) error {
	r, w := bufio.NewReaderSize(in, 1<<16), bufio.NewWriterSize(out, 1<<16)
	head, err := readFrame(r, 1<<16)
	if err != nil {
		return fmt.Errorf("read the limits: %w", err)
	}
	var l limits
	if err := json.Unmarshal(head, &l); err != nil {
		return fmt.Errorf("read the limits: %w", err)
	}
	memory := newWatermark()
	// The soft limit makes the collector work harder before the hard one kills.
	debug.SetMemoryLimit(l.Memory * 3 / 4)
	if err := confine(l.Memory); err != nil {
		return fmt.Errorf("confine the decoding of pictures: %w", err)
	}
	for {
		body, err := readFrame(r, l.Bytes)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		// The parent kills a child that takes too long; this is for a child whose
		// parent is gone.
		watchdog := time.AfterFunc(time.Duration(l.Seconds)*time.Second, func() { os.Exit(3) }) //nolint:forbidigo // the child is a process of its own, and this ends it when decoding hangs
		a, shown := decode(body, l)
		watchdog.Stop()
		a.Peak = memory.bytes()
		head, err := json.Marshal(a)
		if err != nil {
			return err
		}
		if err := errors.Join(writeFrame(w, head), writeFrame(w, shown), w.Flush()); err != nil {
			return err
		}
		if int64(a.Width)*int64(a.Height) > 4_000_000 {
			debug.FreeOSMemory()
		}
	}
}
