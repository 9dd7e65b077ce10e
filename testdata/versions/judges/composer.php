<?php // Judges pairs of Composer versions, one a line, tab between, by PHP's version_compare.
while (($line = fgets(STDIN)) !== false) {
    [$left, $right] = explode("\t", rtrim($line, "\n"));
    echo "<=>"[version_compare($left, $right) + 1], "\n";
}
