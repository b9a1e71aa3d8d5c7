# `make build` makes bin/zoeklicht, one file with PostgreSQL inside; EMBED=0
# leaves PostgreSQL out, and then npm is not needed. Plain `go build ./...`
# works without make.

EMBED ?= 1

ifeq ($(EMBED),0)
tags :=
else
tags := -tags embedpg
packed := postgres
endif

.PHONY: build
build: $(packed) ## bin/zoeklicht, the same bytes from the same sources everywhere
	CGO_ENABLED=0 go build -trimpath -buildvcs=false -ldflags=-buildid= $(tags) -o bin/zoeklicht ./cmd/zoeklicht

.PHONY: postgres
postgres: ## fetch and pack the PostgreSQL that the binary carries
	@build/fetch-postgres.sh

.PHONY: check
check: ## formatting, vet, staticcheck, golangci-lint, layering, translations, dead code
	@build/check

.PHONY: test
test: ## install what the tests need and run them all, on both PostgreSQLs
	@build/test

.PHONY: run
run: build ## everything on this machine, on the practice web: prints where to look
	@exec bin/zoeklicht practice $(RUN)

.PHONY: bench
bench: ## the benchmarks, with a table at the end; BENCH=crawl for one
	@build/bench $(BENCH)

.PHONY: help
help: ## this list
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/make \1	\2/p' Makefile | expand -t 14
