"""Prints what is installed of the requirements in a file, and fails where anything is not of the version named there.

Usage: versions.py REQUIREMENTS
"""

import json
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from packaging.requirements import Requirement


def named(text):
    """The requirements that count on this machine. The other lines are hashes and remarks."""
    for line in text.splitlines():
        if line and line[0] not in " #":
            requirement = Requirement(line.rstrip(" \\"))
            if requirement.marker is None or requirement.marker.evaluate():
                yield requirement


def installed(name):
    try:
        return version(name)
    except PackageNotFoundError:
        return None


found = {}
for requirement in named(Path(sys.argv[1]).read_text()):
    found[requirement.name] = installed(requirement.name)
    if found[requirement.name] is None or not requirement.specifier.contains(found[requirement.name], prereleases=True):
        sys.exit(f"{requirement} is not what is installed: {found[requirement.name]}")
if not found:
    sys.exit("the file names nothing")
print(json.dumps(found))
