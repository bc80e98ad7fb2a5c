"""Prints the claims of the token for a registry that azure-identity gets with a credential.

Usage: who.py CREDENTIAL...
"""

import base64
import sys

from credentials import AUDIENCE, credential

token = credential(sys.argv[1:]).get_token(f"{AUDIENCE}/.default").token
claims = token.split(".")[1]
print(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)).decode())
