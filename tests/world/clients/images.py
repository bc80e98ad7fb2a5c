"""Prints what azure-containerregistry sees of an image: it asks anonymously, exchanges its token when it is told to, and
follows a blob to where that is kept.

Usage: images.py REGISTRY REPOSITORY TAG CREDENTIAL...
"""

import json
import sys

from azure.containerregistry import ContainerRegistryClient

from credentials import AUDIENCE, credential

registry, repository, tag, *words = sys.argv[1:]
with ContainerRegistryClient(f"https://{registry}", credential(words), audience=AUDIENCE) as client:
    index = client.get_manifest(repository, tag)
    children = index.manifest["manifests"]
    child = client.get_manifest(repository, children[0]["digest"]).manifest
    # It verifies the digest of what it has read.
    config = json.loads(b"".join(client.download_blob(repository, child["config"]["digest"])))
    layers = [sum(map(len, client.download_blob(repository, layer["digest"]))) for layer in child["layers"]]
    seen = {
        "repositories": list(client.list_repository_names()),
        "tags": [tag.name for tag in client.list_tag_properties(repository)],
        "digest": index.digest,
        "manifest_properties": client.get_manifest_properties(repository, tag).digest,
        "architectures": [child["platform"]["architecture"] for child in children],
        "architecture": config["architecture"],
        "layers": layers,
        "sizes": [layer["size"] for layer in child["layers"]],
    }
print(json.dumps(seen))
