// Command acr-credential-provider is a credential provider for the kubelet that asks what Azure's own asks, request by
// request: the metadata service for a token of the node's identity, the registry for its challenge, the registry for a
// refresh token in exchange.
//
//	acr-credential-provider AZURE.JSON < CredentialProviderRequest > CredentialProviderResponse
//
// CACHE_DURATION in the environment is how long the kubelet is to keep an answer; without it one hour, as on Azure.
package main

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strings"
	"time"
)

const (
	apiVersion = "credentialprovider.kubelet.k8s.io/v1"
	audience   = "https://containerregistry.azure.net"
	metadata   = "http://169.254.169.254/metadata/identity/oauth2/token"
	nullUser   = "00000000-0000-0000-0000-000000000000"
)

// The suffixes that Azure's clouds give their registries.
var registryOf = regexp.MustCompile(`^[a-zA-Z0-9-]+(\.[a-z0-9]+\.geo)?\.azurecr\.(io|cn|de|us)(/|$)`)

// How long it waits before it asks a throttled, broken or unreachable metadata service again.
var patience = []time.Duration{5 * time.Second, 16 * time.Second, 34 * time.Second}

type request struct {
	APIVersion string `json:"apiVersion"`
	Kind       string `json:"kind"`
	Image      string `json:"image"`
}

type login struct {
	Username string `json:"username"`
	Password string `json:"password"`
}

type response struct {
	APIVersion    string           `json:"apiVersion"`
	Kind          string           `json:"kind"`
	CacheKeyType  string           `json:"cacheKeyType"`
	CacheDuration string           `json:"cacheDuration"`
	Auth          map[string]login `json:"auth"`
}

// settings are the fields of azure.json that matter here.
type settings struct {
	Tenant             string `json:"tenantId"`
	ClientID           string `json:"aadClientId"`
	ClientSecret       string `json:"aadClientSecret"`
	UseManagedIdentity bool   `json:"useManagedIdentityExtension"`
	IdentityID         string `json:"userAssignedIdentityID"`
}

func main() {
	if err := run(os.Args[1:], os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "Error:", err)
		os.Exit(1)
	}
}

func run(args []string, in io.Reader, out io.Writer) error {
	if len(args) != 1 {
		return errors.New("it takes one argument: the file azure.json")
	}
	var config settings
	text, err := os.ReadFile(args[0])
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, &config); err != nil {
		return fmt.Errorf("%s: %w", args[0], err)
	}
	var asked request
	if err := json.NewDecoder(in).Decode(&asked); err != nil {
		return fmt.Errorf("the request cannot be read: %w", err)
	}
	if asked.APIVersion != apiVersion || asked.Kind != "CredentialProviderRequest" {
		return fmt.Errorf("the request is a %q of %q, not a CredentialProviderRequest of %q", asked.Kind, asked.APIVersion, apiVersion)
	}
	answer := response{APIVersion: apiVersion, Kind: "CredentialProviderResponse", CacheKeyType: "Registry"}
	answer.Auth, err = credentials(config, asked.Image)
	if err != nil {
		return err
	}
	answer.CacheDuration = "0s"
	if len(answer.Auth) > 0 {
		answer.CacheDuration = "1h0m0s"
		if said := os.Getenv("CACHE_DURATION"); said != "" {
			answer.CacheDuration = said
		}
	}
	return json.NewEncoder(out).Encode(answer)
}

func credentials(config settings, image string) (map[string]login, error) {
	registry := strings.TrimSuffix(registryOf.FindString(image), "/")
	if registry == "" {
		return map[string]login{}, nil
	}
	// What may be pulled anonymously is tried so, last.
	auth := map[string]login{"*.azurecr.*": {}}
	if !config.UseManagedIdentity {
		for _, suffix := range []string{"io", "cn", "de", "us"} {
			auth["*.azurecr."+suffix] = login{config.ClientID, config.ClientSecret}
		}
		return auth, nil
	}
	identity, err := identityToken(config.IdentityID)
	if err != nil {
		return nil, err
	}
	service, err := challenge(registry)
	if err != nil {
		return nil, err
	}
	refresh, err := exchange(registry, service, config.Tenant, identity)
	if err != nil {
		return nil, err
	}
	auth[registry] = login{nullUser, refresh}
	return auth, nil
}

// identityToken asks the metadata service.
func identityToken(clientID string) (string, error) {
	query := url.Values{"api-version": {"2018-02-01"}, "resource": {audience}}
	if clientID != "" {
		query.Set("client_id", clientID)
	}
	for attempt := 0; ; attempt++ {
		status, body, err := call(http.MethodGet, metadata+"?"+query.Encode(), "azsdk-go-azidentity/v1.14.0", nil)
		passing := err != nil || status == http.StatusTooManyRequests || status >= 500
		if passing && attempt < len(patience) {
			time.Sleep(patience[attempt])
			continue
		}
		switch {
		case err != nil:
			return "", fmt.Errorf("the metadata service cannot be reached: %w", err)
		case status != http.StatusOK:
			return "", fmt.Errorf("the metadata service answered %d: %s", status, words(body))
		}
		var said struct {
			AccessToken string `json:"access_token"`
		}
		if err := json.Unmarshal(body, &said); err != nil {
			return "", fmt.Errorf("the metadata service's answer cannot be read: %w", err)
		}
		return said.AccessToken, nil
	}
}

// challenge asks the registry which service a token is to be for.
func challenge(registry string) (string, error) {
	request, err := http.NewRequest(http.MethodGet, "https://"+registry+"/v2/", nil)
	if err != nil {
		return "", err
	}
	request.Header.Set("User-Agent", "kubernetes-credentialprovider-acr")
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return "", fmt.Errorf("%s cannot be reached: %w", registry, err)
	}
	defer answer.Body.Close()
	said := answer.Header.Values("WWW-Authenticate")
	if answer.StatusCode != http.StatusUnauthorized || len(said) != 1 {
		return "", fmt.Errorf("%s gave no challenge: status %d, WWW-Authenticate %q", registry, answer.StatusCode, said)
	}
	scheme, rest, _ := strings.Cut(said[0], " ")
	found := serviceOf.FindStringSubmatch(rest)
	if !strings.EqualFold(scheme, "Bearer") || found == nil {
		return "", fmt.Errorf("%s gave a challenge that names no service: %q", registry, said[0])
	}
	return found[1], nil
}

var serviceOf = regexp.MustCompile(`(?:^|[ ,])service="([^"]*)"`)

// exchange gives the registry the identity's token, and gets a refresh token of the registry's own.
func exchange(registry, service, tenant, identity string) (string, error) {
	form := url.Values{
		"grant_type": {"access_token_refresh_token"}, "service": {service}, "tenant": {tenant},
		"access_token": {identity}, "refresh_token": {identity},
	}
	address := "https://" + registry + "/oauth2/exchange"
	status, body, err := call(http.MethodPost, address, "kubernetes-credentialprovider-acr", form)
	if err != nil {
		return "", fmt.Errorf("%s cannot be reached: %w", registry, err)
	}
	if status != http.StatusOK {
		return "", fmt.Errorf("the exchange at %s answered %d: %s", registry, status, words(body))
	}
	var said struct {
		RefreshToken string `json:"refresh_token"`
	}
	if err := json.Unmarshal(body, &said); err != nil {
		return "", fmt.Errorf("the exchange's answer cannot be read: %w", err)
	}
	return said.RefreshToken, nil
}

func call(method, address, agent string, form url.Values) (int, []byte, error) {
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	request, err := http.NewRequest(method, address, body)
	if err != nil {
		return 0, nil, err
	}
	request.Header.Set("User-Agent", agent)
	if form != nil {
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	} else {
		request.Header.Set("Metadata", "true")
		request.Header.Set("X-Client-Sku", "MSAL.Go")
		request.Header.Set("X-Client-Ver", "1.6.0")
		request.Header.Set("X-Ms-Client-Request-Id", rand.Text())
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, nil, err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(io.LimitReader(answer.Body, 1<<20))
	return answer.StatusCode, text, err
}

// words are the beginning of what a service says of an error, on one line.
func words(body []byte) string {
	return strings.Join(strings.Fields(string(body[:min(len(body), 300)])), " ")
}
