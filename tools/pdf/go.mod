// pdfcpu reads the reports in the tests of internal/export/report, as one of the
// independent readers. It has a file of its own so that what it needs does not decide
// the versions of the program or of the other tools. Run through
// `go tool -modfile=tools/pdf/go.mod pdfcpu`.
module zoeklicht/tools/pdf

go 1.26.0

tool github.com/pdfcpu/pdfcpu/cmd/pdfcpu

require (
	github.com/clipperhouse/uax29/v2 v2.7.0 // indirect
	github.com/hhrutter/tiff v1.0.6 // indirect
	github.com/inconshreveable/mousetrap v1.1.0 // indirect
	github.com/mattn/go-runewidth v0.0.27 // indirect
	github.com/pdfcpu/pdfcpu v0.15.0 // indirect
	github.com/spf13/cobra v1.10.2 // indirect
	github.com/spf13/pflag v1.0.10 // indirect
	go.yaml.in/yaml/v3 v3.0.5 // indirect
	golang.org/x/crypto v0.54.0 // indirect
	golang.org/x/image v0.44.0 // indirect
	golang.org/x/text v0.40.0 // indirect
)
