// Judges pairs of Go versions, one a line, tab between: modules by golang.org/x/mod/semver, toolchains (`go1.21rc2`) by go/version.
package main

import (
	"bufio"
	"fmt"
	"go/version"
	"os"
	"strings"

	"golang.org/x/mod/semver"
)

func main() {
	input := bufio.NewScanner(os.Stdin)
	for input.Scan() {
		left, right, _ := strings.Cut(input.Text(), "\t")
		valid, compare := semver.IsValid, semver.Compare
		if strings.HasPrefix(left, "go") {
			valid, compare = version.IsValid, version.Compare
		}
		if !valid(left) || !valid(right) {
			fmt.Println("!")
			continue
		}
		fmt.Println([]string{"<", "=", ">"}[compare(left, right)+1])
	}
}
