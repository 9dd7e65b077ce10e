"""Judges pairs of RPM versions, one a line, tab between, by rpm's labelCompare."""
import sys

import rpm


def label(text):
    epoch, _, rest = text.rpartition(":")
    version, _, release = rest.partition("-")
    return epoch or "0", version, release or None


for line in sys.stdin:
    left, right = line.rstrip("\n").split("\t")
    print("<=>"[rpm.labelCompare(label(left), label(right)) + 1])
