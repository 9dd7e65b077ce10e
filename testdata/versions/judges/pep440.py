"""Judges pairs of Python versions, one a line, tab between, by packaging."""
import sys

from packaging.version import InvalidVersion, Version

for line in sys.stdin:
    try:
        left, right = (Version(text) for text in line.rstrip("\n").split("\t"))
    except InvalidVersion:
        print("!")
    else:
        print("<" if left < right else ">" if left > right else "=")
