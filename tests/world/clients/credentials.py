"""The credential of azure-identity that a command line names."""

import sys

from azure.identity import ClientSecretCredential, ManagedIdentityCredential, WorkloadIdentityCredential

# For whom a registry's token is.
AUDIENCE = "https://containerregistry.azure.net"


def credential(words):
    """`managed CLIENT_ID`, `resource ARM_ID`, `secret TENANT CLIENT_ID` (the secret on standard input), or `workload`
    (all in the environment, as Kubernetes gives it)."""
    match words:
        case ["managed", client_id]:
            return ManagedIdentityCredential(client_id=client_id)
        case ["resource", resource_id]:
            return ManagedIdentityCredential(identity_config={"resource_id": resource_id})
        case ["secret", tenant, client_id]:
            return ClientSecretCredential(tenant, client_id, sys.stdin.read())
        case ["workload"]:
            return WorkloadIdentityCredential()
    sys.exit(f"no credential is named so: {words}")
