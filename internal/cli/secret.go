package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/sys/unix"

	"zoeklicht"
)

// PasswordFile reads a password from the first line of a file that only its owner can
// read.
func PasswordFile(path string) (string, error) {
	info, err := os.Stat(path)
	if err == nil && info.Mode().IsRegular() && info.Mode().Perm()&0o077 != 0 {
		return "", zoeklicht.Errorf(zoeklicht.Invalid, "others can read %s, which has mode %04o", path, info.Mode().Perm()).
			With("nothing was changed", "chmod 600 "+path+", and choose another password if others may have looked")
	}
	b, err := ReadFile(path)
	if err != nil {
		return "", err
	}
	line, _, _ := strings.Cut(string(b), "\n")
	if line = strings.TrimRight(line, "\r"); line == "" {
		return "", zoeklicht.Errorf(zoeklicht.Invalid, "%s has no password on its first line", path).With("nothing was changed", "")
	}
	return line, nil
}

// Prompt asks a person for things, a line each.
type Prompt struct {
	in  io.Reader
	buf *bufio.Reader
	out io.Writer
}

// NewPrompt gives a Prompt that asks on out and reads from in.
func NewPrompt(in io.Reader, out io.Writer) *Prompt {
	return &Prompt{in: in, buf: bufio.NewReader(in), out: out}
}

// Ask asks for a line. When ctx ends first, whoever reads it is left waiting for the
// end of the process.
func (p *Prompt) Ask(ctx context.Context, question string) (string, error) {
	fmt.Fprintf(p.out, "%s: ", question)
	type reply struct {
		line string
		err  error
	}
	came := make(chan reply, 1)
	go func() {
		line, err := p.buf.ReadString('\n')
		came <- reply{line, err}
	}()
	select {
	case <-ctx.Done():
		return "", ctx.Err()
	case r := <-came:
		if r.err != nil && (!errors.Is(r.err, io.EOF) || r.line == "") {
			return "", zoeklicht.Errorf(zoeklicht.Invalid, "%s: no answer came", question).With("nothing was changed", "")
		}
		return strings.TrimRight(r.line, "\r\n"), nil
	}
}

// Secret asks for a line that a terminal does not show while it is typed.
func (p *Prompt) Secret(ctx context.Context, question string) (string, error) {
	file, ok := p.in.(*os.File)
	if !ok {
		return p.Ask(ctx, question)
	}
	fd := int(file.Fd())
	was, err := unix.IoctlGetTermios(fd, unix.TCGETS)
	if err != nil {
		return p.Ask(ctx, question) // no terminal
	}
	quiet := *was
	quiet.Lflag &^= unix.ECHO
	if err := unix.IoctlSetTermios(fd, unix.TCSETS, &quiet); err != nil {
		return "", fmt.Errorf("hide what is typed: %w", err)
	}
	defer func() {
		_ = unix.IoctlSetTermios(fd, unix.TCSETS, was)
		fmt.Fprintln(p.out)
	}()
	return p.Ask(ctx, question)
}

// NewSecret asks for a secret to be chosen: twice, where it is typed unseen.
func (p *Prompt) NewSecret(ctx context.Context, question string) (string, error) {
	first, err := p.Secret(ctx, question)
	if err != nil || !Terminal(p.in) {
		return first, err
	}
	again, err := p.Secret(ctx, "Once more")
	if err != nil {
		return "", err
	}
	if first != again {
		return "", zoeklicht.Errorf(zoeklicht.Invalid, "the two were not the same").With("nothing was changed", "try again")
	}
	return first, nil
}

// Terminal reports whether a stream is a terminal.
func Terminal(stream any) bool {
	f, ok := stream.(*os.File)
	if !ok {
		return false
	}
	_, err := unix.IoctlGetTermios(int(f.Fd()), unix.TCGETS)
	return err == nil
}
