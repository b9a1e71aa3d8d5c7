package stamp

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net/http"

	"zoeklicht"
)

const (
	typeQuery = "application/timestamp-query"
	typeReply = "application/timestamp-reply"
)

type (
	request struct {
		Version int
		Imprint imprint
		Policy  asn1.ObjectIdentifier `asn1:"optional"`
		Nonce   *big.Int              `asn1:"optional"`
		Certs   bool                  `asn1:"optional"`
	}
	response struct {
		Status struct {
			Status int
			Text   []asn1.RawValue `asn1:"optional"`
			Info   asn1.BitString  `asn1:"optional"`
		}
		Token asn1.RawValue `asn1:"optional"`
	}
)

// Fetch asks the authority at url to stamp a digest and gives the token. The answer
// must be to this question (its nonce says so) and hold in all that Verify looks at
// but the chain, for which Verify wants the authority's root. An authority that is not
// there, or does not want to, is an error of code Unavailable; an answer that does not
// hold is one of code Invalid. The time that it takes is bounded by ctx.
func Fetch(ctx context.Context, client *http.Client, url string, digest [32]byte) ([]byte, error) {
	nonce, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 64))
	if err != nil {
		return nil, err
	}
	query, err := asn1.Marshal(request{
		Version: 1, Nonce: nonce, Certs: true,
		Imprint: imprint{pkix.AlgorithmIdentifier{Algorithm: oidSHA256, Parameters: asn1.NullRawValue}, digest[:]},
	})
	if err != nil {
		return nil, err
	}
	answer, err := post(ctx, client, url, query)
	if err != nil {
		return nil, zoeklicht.Errorf(zoeklicht.Unavailable, "timestamping authority %s: %w", url, err).
			With("nothing is lost: the checkpoint can be stamped later", "")
	}
	token, err := granted(answer)
	if err != nil {
		return nil, zoeklicht.Errorf(zoeklicht.Unavailable, "timestamping authority %s: %w", url, err)
	}
	_, info, err := read(token, digest)
	if err != nil {
		return nil, refuse(err)
	}
	if info.Nonce == nil || info.Nonce.Cmp(nonce) != 0 {
		return nil, refuse(errors.New("it is the answer to another question"))
	}
	return token, nil
}

func post(ctx context.Context, client *http.Client, url string, query []byte) ([]byte, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(query))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", typeQuery)
	r.Header.Set("Accept", typeReply)
	resp, err := client.Do(r)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(io.LimitReader(resp.Body, MaxToken+1))
	switch {
	case err != nil:
		return nil, err
	case resp.StatusCode != http.StatusOK:
		return nil, fmt.Errorf("it answered %s", resp.Status)
	case len(b) > MaxToken:
		return nil, errors.New("its answer is too long")
	}
	return b, nil
}

// granted takes the token out of an answer.
func granted(answer []byte) ([]byte, error) {
	var r response
	if err := exactly(answer, &r); err != nil {
		return nil, fmt.Errorf("its answer cannot be read: %w", err)
	}
	if r.Status.Status != 0 && r.Status.Status != 1 { // granted, granted with modifications
		var why string
		if len(r.Status.Text) > 0 {
			why = fmt.Sprintf(": %.100q", r.Status.Text[0].Bytes)
		}
		return nil, fmt.Errorf("it refused with status %d%s", r.Status.Status, why)
	}
	if len(r.Token.FullBytes) == 0 {
		return nil, errors.New("its answer has no token")
	}
	return r.Token.FullBytes, nil
}
