package postgres_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/jackc/pgx/v5"

	"zoeklicht/internal/postgres"
	"zoeklicht/internal/postgres/postgrestest"
)

// What a person waits for: a cluster that is made, a server that starts, one
// that is there already, and one that comes back after it was killed.

func BenchmarkMake(b *testing.B) {
	cfg := postgrestest.Config(b)
	cfg.TestMode = false
	for b.Loop() {
		cfg.Dir = filepath.Join(b.TempDir(), "postgres")
		s, err := postgres.Start(b.Context(), cfg, discard)
		if err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		if err := s.Close(); err != nil {
			b.Fatal(err)
		}
		if err := os.RemoveAll(cfg.Dir); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
	}
}

func BenchmarkStartAndStop(b *testing.B) {
	cfg := postgrestest.Config(b)
	for b.Loop() {
		s, err := postgres.Start(b.Context(), cfg, discard)
		if err != nil {
			b.Fatal(err)
		}
		if err := s.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkAttach(b *testing.B) {
	_, cfg := postgrestest.Cluster(b)
	for b.Loop() {
		s, err := postgres.Start(b.Context(), cfg, discard)
		if err != nil {
			b.Fatal(err)
		}
		if err := s.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkComeBack(b *testing.B) {
	s, cfg := postgrestest.Cluster(b)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Watch(ctx) }()
	for b.Loop() {
		postgrestest.Kill(b, cfg)
		for old := true; old; {
			conn, err := pgx.Connect(ctx, s.Admin(""))
			if err == nil {
				old = conn.Ping(ctx) != nil // a connection of the server that is dying
				conn.Close(ctx)
			}
		}
	}
	cancel()
	if err := <-done; err != nil {
		b.Error(err)
	}
}
