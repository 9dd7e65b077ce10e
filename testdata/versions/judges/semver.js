// Judges pairs of npm versions, one a line, tab between, by node's semver.
const semver = require("semver");
const lines = require("fs").readFileSync(0, "utf8").split("\n").slice(0, -1);
for (const line of lines) {
  const [left, right] = line.split("\t");
  const valid = semver.valid(left) && semver.valid(right);
  console.log(valid ? "<=>"[semver.compare(left, right) + 1] : "!");
}
