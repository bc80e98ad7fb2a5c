// Command image makes images of one program, as an archive or in a registry.
//
//	image save FILE NAME PROGRAM             an OCI archive for `ctr images import`
//	image push URL REPOSITORY:TAG PROGRAM    into the registry at URL; REGISTRY_AUTH=user:password in the environment
//
// Every image has random bytes in its layer. A container runtime keeps blobs by their digest and asks nobody for those it
// has, so two images that shared one would hide a fault of the second's.
package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"runtime"
	"strings"
)

const (
	configType   = "application/vnd.oci.image.config.v1+json"
	layerType    = "application/vnd.oci.image.layer.v1.tar+gzip"
	manifestType = "application/vnd.oci.image.manifest.v1+json"
	indexType    = "application/vnd.oci.image.index.v1+json"
)

type descriptor struct {
	MediaType   string            `json:"mediaType"`
	Digest      string            `json:"digest"`
	Size        int               `json:"size"`
	Annotations map[string]string `json:"annotations,omitempty"`
}

type image struct {
	blobs    map[string][]byte
	manifest descriptor
}

func main() {
	if len(os.Args) != 5 {
		fmt.Fprintln(os.Stderr, "usage: image save FILE NAME PROGRAM | image push URL REPOSITORY:TAG PROGRAM")
		os.Exit(2)
	}
	made, err := build(os.Args[4])
	if err == nil {
		switch os.Args[1] {
		case "save":
			err = made.save(os.Args[2], os.Args[3])
		case "push":
			err = made.push(os.Args[2], os.Args[3])
		default:
			err = fmt.Errorf("%s: no such verb", os.Args[1])
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "image:", err)
		os.Exit(1)
	}
}

func build(program string) (*image, error) {
	content, err := os.ReadFile(program)
	if err != nil {
		return nil, err
	}
	noise := make([]byte, 4096)
	if _, err := rand.Read(noise); err != nil {
		return nil, err
	}
	layer, err := archive([]file{{"workload", 0o755, content}, {"noise", 0o644, noise}})
	if err != nil {
		return nil, err
	}
	var packed bytes.Buffer
	writer := gzip.NewWriter(&packed)
	if _, err := writer.Write(layer); err != nil {
		return nil, err
	}
	if err := writer.Close(); err != nil {
		return nil, err
	}
	made := &image{blobs: map[string][]byte{}}
	config, err := made.document(configType, map[string]any{
		"architecture": runtime.GOARCH, "os": "linux",
		"config": map[string]any{"Entrypoint": []string{"/workload"}, "User": "65532:65532"},
		"rootfs": map[string]any{"type": "layers", "diff_ids": []string{digest(layer)}},
	})
	if err != nil {
		return nil, err
	}
	made.manifest, err = made.document(manifestType, map[string]any{
		"schemaVersion": 2, "mediaType": manifestType, "config": config,
		"layers": []descriptor{made.blob(layerType, packed.Bytes())},
	})
	return made, err
}

func (made *image) blob(mediaType string, content []byte) descriptor {
	made.blobs[digest(content)] = content
	return descriptor{MediaType: mediaType, Digest: digest(content), Size: len(content)}
}

func (made *image) document(mediaType string, value any) (descriptor, error) {
	text, err := json.Marshal(value)
	return made.blob(mediaType, text), err
}

func digest(content []byte) string {
	return fmt.Sprintf("sha256:%x", sha256.Sum256(content))
}

type file struct {
	name    string
	mode    int64
	content []byte
}

func archive(files []file) ([]byte, error) {
	var out bytes.Buffer
	writer := tar.NewWriter(&out)
	for _, one := range files {
		header := tar.Header{Name: one.name, Mode: one.mode, Size: int64(len(one.content))}
		if err := writer.WriteHeader(&header); err != nil {
			return nil, err
		}
		if _, err := writer.Write(one.content); err != nil {
			return nil, err
		}
	}
	return out.Bytes(), writer.Close()
}

func (made *image) save(path, name string) error {
	top := made.manifest
	top.Annotations = map[string]string{"io.containerd.image.name": name}
	index, err := json.Marshal(map[string]any{
		"schemaVersion": 2, "mediaType": indexType, "manifests": []descriptor{top},
	})
	if err != nil {
		return err
	}
	files := []file{
		{"oci-layout", 0o644, []byte(`{"imageLayoutVersion":"1.0.0"}`)},
		{"index.json", 0o644, index},
	}
	for name, content := range made.blobs {
		files = append(files, file{"blobs/" + strings.Replace(name, ":", "/", 1), 0o644, content})
	}
	out, err := archive(files)
	if err != nil {
		return err
	}
	return os.WriteFile(path, out, 0o644)
}

func (made *image) push(registry, name string) error {
	repository, tag, found := strings.Cut(name, ":")
	if !found {
		return fmt.Errorf("%s: give it a tag", name)
	}
	base := strings.TrimSuffix(registry, "/") + "/v2/" + repository
	for name, content := range made.blobs {
		if name == made.manifest.Digest {
			continue
		}
		location, err := send(http.MethodPost, base+"/blobs/uploads/", "", nil)
		if err != nil {
			return err
		}
		query := location.Query()
		query.Set("digest", name)
		location.RawQuery = query.Encode()
		if _, err := send(http.MethodPut, location.String(), "application/octet-stream", content); err != nil {
			return err
		}
	}
	_, err := send(http.MethodPut, base+"/manifests/"+tag, manifestType, made.blobs[made.manifest.Digest])
	return err
}

// send gives the address that the registry's answer points to, if it does.
func send(method, address, mediaType string, content []byte) (*url.URL, error) {
	request, err := http.NewRequest(method, address, bytes.NewReader(content))
	if err != nil {
		return nil, err
	}
	if mediaType != "" {
		request.Header.Set("Content-Type", mediaType)
	}
	if user, password, found := strings.Cut(os.Getenv("REGISTRY_AUTH"), ":"); found {
		request.SetBasicAuth(user, password)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	if answer.StatusCode >= 300 {
		words, _ := io.ReadAll(io.LimitReader(answer.Body, 1000))
		return nil, fmt.Errorf("%s %s: %s: %s", method, address, answer.Status, words)
	}
	location, err := answer.Location()
	if err == http.ErrNoLocation {
		return nil, nil
	}
	return location, err
}
