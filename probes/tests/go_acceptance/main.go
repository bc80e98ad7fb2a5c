// Says which certificate chains Go accepts: the judge of pullcheck's verifier.
//
// The argument is a directory of cases, each a directory with chain.pem (the server's own certificate first),
// roots.pem, host and now (RFC 3339). For each a line: its name, "accepted" or "refused", the kind of the reason, the
// reason. It does what crypto/tls does with a server's chain (handshake_client.go, verifyServerCertificate).
package main

import (
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: go_acceptance DIRECTORY")
		os.Exit(2)
	}
	entries, err := os.ReadDir(os.Args[1])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	for _, entry := range entries {
		kind, err := judge(filepath.Join(os.Args[1], entry.Name()))
		if err == nil {
			fmt.Printf("%s\taccepted\t\t\n", entry.Name())
			continue
		}
		text := strings.Join(strings.Fields(err.Error()), " ")
		fmt.Printf("%s\trefused\t%s\t%s\n", entry.Name(), kind, text)
	}
}

func judge(directory string) (string, error) {
	read := func(name string) []byte {
		content, err := os.ReadFile(filepath.Join(directory, name))
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(2)
		}
		return content
	}
	now, err := time.Parse(time.RFC3339, string(read("now")))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(read("roots.pem"))
	options := x509.VerifyOptions{
		Roots:         roots,
		CurrentTime:   now,
		DNSName:       string(read("host")),
		Intermediates: x509.NewCertPool(),
	}
	var chain []*x509.Certificate
	rest := read("chain.pem")
	for {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		certificate, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return "parse", err
		}
		if len(chain) > 0 {
			options.Intermediates.AddCert(certificate)
		}
		chain = append(chain, certificate)
	}
	_, err = chain[0].Verify(options)
	return kind(err), err
}

func kind(err error) string {
	var invalid x509.CertificateInvalidError
	switch {
	case err == nil:
		return ""
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return "expired"
	case errors.As(err, &invalid):
		return "invalid"
	case errors.As(err, new(x509.HostnameError)):
		return "hostname"
	case errors.As(err, new(x509.UnknownAuthorityError)):
		return "unknown-authority"
	case errors.As(err, new(x509.UnhandledCriticalExtension)):
		return "critical"
	default:
		return "other"
	}
}
