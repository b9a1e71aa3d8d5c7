package postgres

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

const megabyte = 1 << 20

// settings gives postgresql.conf. It is written whole at every start, because
// it follows the machine and the place of the socket; what an operator wants
// otherwise goes into operator.conf.
func settings(home, socket, logs string, testMode, prewarm bool, memory, shm int64) string {
	var b strings.Builder
	set := func(name string, value any) {
		switch v := value.(type) {
		case string:
			fmt.Fprintf(&b, "%s = '%s'\n", name, strings.ReplaceAll(v, "'", "''"))
		case bool:
			fmt.Fprintf(&b, "%s = %s\n", name, map[bool]string{true: "on", false: "off"}[v])
		default:
			fmt.Fprintf(&b, "%s = %v\n", name, v)
		}
	}
	b.WriteString("# Written by zoeklicht at every start. Your own settings go into operator.conf.\n")
	// No TCP: here and not only on the command line, so that a start by hand does
	// not listen either.
	set("listen_addresses", "")
	set("port", port)
	set("unix_socket_directories", socket)
	set("unix_socket_permissions", "0700")
	set("max_connections", 100)
	set("password_encryption", "scram-sha-256")
	// No bonjour, no background TLS: a socket needs none.
	set("ssl", false)

	set("shared_buffers", mb(memory/4, 128, 8192)) // a question of common words looks at ten thousand rows, each on a page of its own
	set("effective_cache_size", mb(memory/2, 256, 1<<20))
	set("maintenance_work_mem", mb(memory/32, 64, 512))
	set("work_mem", "16MB")
	if shm < 256*megabyte { // a container's /dev/shm of 64 MB breaks parallel queries
		set("dynamic_shared_memory_type", "mmap")
	} else {
		set("dynamic_shared_memory_type", "posix")
	}
	set("jit", false) // compiling costs more than these queries
	set("random_page_cost", 1.1)
	// Reading ahead by more, as is the default, costs a third of the time of a bitmap
	// scan whose pages are in memory.
	set("effective_io_concurrency", 4)

	if prewarm && !testMode {
		// What was in memory is read in again after a start, beside the first questions: one
		// of them alone would read ten thousand pages, one after the other. The list that is
		// kept for it has numbers of pages and nothing of what is on them.
		set("shared_preload_libraries", "pg_prewarm")
	}

	set("wal_compression", true)
	set("max_wal_size", "2GB")
	set("min_wal_size", "256MB")
	set("checkpoint_timeout", "15min")
	set("recovery_init_sync_method", "syncfs") // file by file takes minutes after a crash

	// The log says what happened and when, never what was in a row or a
	// statement: those can hold what only a pass may show.
	set("logging_collector", true)
	set("log_directory", logs)
	set("log_filename", "server.log-%a")
	set("log_file_mode", "0600")
	set("log_rotation_age", "1d")
	set("log_rotation_size", 0)
	set("log_truncate_on_rotation", true)
	set("log_line_prefix", "%m [%p] %u@%d ")
	set("log_error_verbosity", "terse")
	set("log_min_error_statement", "panic")
	set("log_checkpoints", false)

	set("timezone", "UTC")
	set("log_timezone", "UTC")
	set("datestyle", "iso, ymd")
	set("lc_messages", "C")
	set("lc_monetary", "C.UTF-8")
	set("lc_numeric", "C.UTF-8")
	set("lc_time", "C.UTF-8")
	set("default_text_search_config", "pg_catalog.simple")

	if testMode {
		// A commit is still handed to the operating system before it is
		// acknowledged, so that kill -9 loses nothing.
		b.WriteString("\n# For tests: fast, and lost when the machine crashes.\n")
		set("fsync", false)
		set("full_page_writes", false)
		set("wal_level", "minimal")
		set("max_wal_senders", 0)
		set("shared_buffers", "128MB")
		set("min_wal_size", "80MB")
		set("max_connections", 300)
		set("autovacuum", false) // plans and timings stay the same from run to run
	}
	set("include_if_exists", filepath.Join(home, "operator.conf"))
	return b.String()
}

// hba is pg_hba.conf: who may come in, and how. There is no line for TCP.
const hba = `# Written by zoeklicht at every start.
local  all  all  scram-sha-256
`

// operators is operator.conf when nobody has written one.
const operators = `# Settings of your own. They are read after those of zoeklicht, which are in
# cluster/postgresql.conf, and take effect at the next start.
`

// writeSettings puts both files into a data directory, and an empty
// operator.conf beside it if there is none.
func writeSettings(id identity, home, data, socket, logs string, testMode, prewarm bool) error {
	files := map[string]string{
		"postgresql.conf": settings(home, socket, logs, testMode, prewarm, machineMemory(), shmSize()),
		"pg_hba.conf":     hba,
	}
	for name, text := range files {
		path := filepath.Join(data, name)
		if err := writeFile(path, []byte(text), 0o600); err != nil {
			return err
		}
		if err := id.own(path); err != nil {
			return err
		}
	}
	f, err := os.OpenFile(filepath.Join(home, "operator.conf"), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	_, err = f.WriteString(operators)
	return errors.Join(err, f.Close(), id.own(f.Name()))
}

func mb(bytes, least, most int64) string {
	return fmt.Sprintf("%dMB", min(max(bytes/megabyte, least), most))
}

// machineMemory gives the bytes of memory that we may count on: the machine's,
// or the control group's when that is less.
func machineMemory() int64 {
	memory := int64(2048 * megabyte)
	var si unix.Sysinfo_t
	if unix.Sysinfo(&si) == nil {
		memory = int64(si.Totalram) * int64(si.Unit)
	}
	for _, path := range []string{"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"} {
		b, err := os.ReadFile(path)
		if err != nil {
			continue
		}
		if n, err := strconv.ParseInt(strings.TrimSpace(string(b)), 10, 64); err == nil && n > 0 {
			memory = min(memory, n)
		}
	}
	return memory
}

// shmSize gives the size of /dev/shm, 0 when there is none.
func shmSize() int64 {
	var st unix.Statfs_t
	if unix.Statfs("/dev/shm", &st) != nil {
		return 0
	}
	return int64(st.Blocks) * st.Bsize
}
