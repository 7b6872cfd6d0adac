"""Unpacks chosen members of a wheel: unpack_wheel.py WHEEL FOLDER [REGEX=>REPLACEMENT ...]

A member that a regular expression matches whole is written to FOLDER under the replacement (Python's
re syntax, e.g. \\1 for the first group); the first match wins, all other members are left in the zip.
Node.js has no zip reader and set-up has no dependencies; python3 is needed for pip anyway.
"""

import os
import re
import shutil
import stat
import sys
import zipfile

wheel, folder, *patterns = sys.argv[1:]
rules = [pattern.split("=>", 1) for pattern in patterns]

with zipfile.ZipFile(wheel) as archive:
    for member in archive.infolist():
        rule = next((r for r in rules if re.fullmatch(r[0], member.filename)), None)
        if rule is None or member.is_dir():
            continue
        target = os.path.join(folder, re.sub(rule[0], rule[1], member.filename, count=1))
        os.makedirs(os.path.dirname(target), exist_ok=True)
        with archive.open(member) as source, open(target, "wb") as destination:
            shutil.copyfileobj(source, destination, 1 << 20)
        if (member.external_attr >> 16) & stat.S_IXUSR:
            os.chmod(target, 0o755)
