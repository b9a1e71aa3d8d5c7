package practice_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"image"
	_ "image/jpeg"
	_ "image/png"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"zoeklicht/internal/practice"
)

// A version's pictures are as the truth says: their bytes, or their trouble.
func TestPictureTroubles(t *testing.T) {
	t.Parallel()
	s := serve(t, practice.Config{Seed: 6, Adverts: 1500, Stall: time.Millisecond})
	a := s.Addresses()
	met := map[practice.Trouble]int{}
	for _, advert := range truthLines[practice.TrueAdvert](t, s, "/.truth/adverts?day=0&hash=1") {
		for _, p := range advert.Versions[0].Pictures {
			if met[p.Trouble]++; met[p.Trouble] > 12 {
				continue
			}
			resp, body, err := once(t, http.MethodGet, p.URL, "gzip")
			told := fmt.Sprintf("%s (%s)", p.URL, p.Trouble)
			if p.Trouble == practice.Hangs {
				if err == nil {
					t.Errorf("%s: answered %d", told, resp.StatusCode)
				}
				continue
			}
			if resp == nil {
				t.Errorf("%s: %v", told, err)
				continue
			}
			_, _, undecodable := image.Decode(bytes.NewReader(body))
			sum := sha256.Sum256(body)
			ok := map[practice.Trouble]bool{
				practice.Fine:      err == nil && resp.StatusCode == http.StatusOK && undecodable == nil && hex.EncodeToString(sum[:]) == p.SHA256,
				practice.Missing:   err == nil && resp.StatusCode == http.StatusNotFound,
				practice.Broken:    err == nil && resp.StatusCode == http.StatusInternalServerError,
				practice.Short:     errors.Is(err, io.ErrUnexpectedEOF) && resp.ContentLength > int64(len(body)) && len(body) > 0,
				practice.WrongType: err == nil && resp.StatusCode == http.StatusOK && bytes.Contains(body, []byte("<html>")),
				practice.Truncated: err == nil && resp.StatusCode == http.StatusOK && undecodable != nil && strings.HasPrefix(resp.Header.Get("Content-Type"), "image/"),
				practice.Outside:   err == nil && resp.StatusCode == http.StatusOK && strings.HasPrefix(p.URL, a.Pictures+"/k/"),
			}[p.Trouble]
			if !ok {
				t.Errorf("%s: status %d, %d bytes of %d, type %s, err %v, decoding: %v", told,
					resp.StatusCode, len(body), resp.ContentLength, resp.Header.Get("Content-Type"), err, undecodable)
			}
			if p.Trouble != practice.Fine && advert.Site != "kiosk" && (advert.Site != "corso" || p.Trouble != practice.Missing) {
				t.Errorf("%s: a site without troubles", told)
			}
			if (p.Trouble == practice.Fine) != (p.SHA256 != "") {
				t.Errorf("%s: hash %q", told, p.SHA256)
			}
		}
	}
	for _, trouble := range []practice.Trouble{
		practice.Fine, practice.Missing, practice.Broken, practice.Hangs, practice.Short,
		practice.WrongType, practice.Truncated, practice.Outside,
	} {
		if met[trouble] == 0 {
			t.Errorf("no picture with trouble %q", trouble)
		}
	}
}

func TestFaults(t *testing.T) {
	t.Parallel()
	s := serve(t, practice.Config{})
	address := s.Addresses().Sites["admarkt"] + "/advertenties"
	ask := func(kind practice.FaultKind) (*http.Response, []byte, error) {
		if err := s.SetFaults([]practice.Fault{{Site: "admarkt", Kind: kind, DelayMS: 1}}); err != nil {
			t.Fatal(err)
		}
		return once(t, http.MethodGet, address, "")
	}
	if _, _, err := ask(practice.FaultVanish); err == nil {
		t.Error("vanish: an answer")
	}
	if resp, _, err := ask(practice.FaultSlow); err != nil || resp.StatusCode != http.StatusOK {
		t.Errorf("slow: %v %v", resp, err)
	}
	if resp, _, err := ask(practice.FaultErrors); err != nil || resp.StatusCode != http.StatusInternalServerError {
		t.Errorf("errors: %v %v", resp, err)
	}
	if resp, _, err := ask(practice.FaultBusy); err != nil || resp.StatusCode != http.StatusServiceUnavailable || resp.Header.Get("Retry-After") == "" {
		t.Errorf("busy: %v %v", resp, err)
	}
	if resp, _, err := ask(practice.FaultElsewhere); err != nil || !strings.HasPrefix(resp.Header.Get("Location"), s.Addresses().Truth) {
		t.Errorf("elsewhere: %v %v", resp, err)
	}
	if resp, body, err := ask(practice.FaultTorn); !errors.Is(err, io.ErrUnexpectedEOF) || len(body) == 0 {
		t.Errorf("torn: %v %q %v", resp, body, err)
	}
	if resp, body, err := ask(practice.FaultCharset); err != nil || !bytes.Contains(body, []byte{0xff, 0xfe}) {
		t.Errorf("charset: %v %q %v", resp, body, err)
	}
	if err := s.SetFaults([]practice.Fault{{Site: "admarkt", Kind: practice.FaultRedirects}}); err != nil {
		t.Fatal(err)
	}
	if _, err := http.Get(address); err == nil || !strings.Contains(err.Error(), "redirects") {
		t.Errorf("redirects: %v", err)
	}
	if resp, _, err := once(t, http.MethodGet, s.Addresses().Sites["kiosk"]+"/robots.txt", ""); err != nil || resp.StatusCode != http.StatusOK {
		t.Errorf("another site: %v %v", resp, err)
	}

	// What floods is read in part: enough to see that it does.
	for kind, least := range map[practice.FaultKind]int64{practice.FaultHuge: 8 << 20, practice.FaultBomb: 64 << 20} {
		if err := s.SetFaults([]practice.Fault{{Site: "admarkt", Kind: kind}}); err != nil {
			t.Fatal(err)
		}
		resp, err := http.Get(address) // unzips
		if err != nil {
			t.Fatal(err)
		}
		n, err := io.CopyN(io.Discard, resp.Body, least)
		resp.Body.Close()
		if n != least || err != nil {
			t.Errorf("%s: %d bytes, %v", kind, n, err)
		}
	}

	// A share strikes always the same addresses, and spares robots.txt.
	if err := s.SetFaults([]practice.Fault{{Site: "admarkt", Kind: practice.FaultErrors, Permille: 500}}); err != nil {
		t.Fatal(err)
	}
	struck := 0
	for i := range 60 {
		address := fmt.Sprintf("%s/advertentie/%d", s.Addresses().Sites["admarkt"], i)
		first := get(t, address).StatusCode
		if again := get(t, address).StatusCode; again != first {
			t.Errorf("%s: %d, then %d", address, first, again)
		}
		if first == http.StatusInternalServerError {
			struck++
		}
	}
	if struck < 15 || struck > 45 || get(t, s.Addresses().Sites["admarkt"]+"/robots.txt").StatusCode != http.StatusOK {
		t.Errorf("%d of 60 struck", struck)
	}
}
