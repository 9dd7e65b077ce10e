
using namespace System.Management.Automation
using namespace System.Management.Automation.Language

Register-ArgumentCompleter -Native -CommandName 'toolkit' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    $commandElements = $commandAst.CommandElements
    $command = @(
        'toolkit'
        for ($i = 1; $i -lt $commandElements.Count; $i++) {
            $element = $commandElements[$i]
            if ($element -isnot [StringConstantExpressionAst] -or
                $element.StringConstantType -ne [StringConstantType]::BareWord -or
                $element.Value.StartsWith('-') -or
                $element.Value -eq $wordToComplete) {
                break
        }
        $element.Value
    }) -join ';'

    $completions = @(switch ($command) {
        'toolkit' {
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print less: `-q` no notes and no progress, `-qq` no errors either')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print less: `-q` no notes and no progress, `-qq` no errors either')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more: `-v` what is done, `-vv` how, `-vvv` everything')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more: `-v` what is done, `-vv` how, `-vvv` everything')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('sbom', 'sbom', [CompletionResultType]::ParameterValue, 'Write a software bill of materials')
            [CompletionResult]::new('scan', 'scan', [CompletionResultType]::ParameterValue, 'Find known vulnerabilities in an image or a bill of materials')
            [CompletionResult]::new('db', 'db', [CompletionResultType]::ParameterValue, 'Build, update, show and search vulnerability databases')
            [CompletionResult]::new('hook', 'hook', [CompletionResultType]::ParameterValue, 'Stop pushes that add known vulnerabilities to a git repository')
            [CompletionResult]::new('vex', 'vex', [CompletionResultType]::ParameterValue, 'Write OpenVEX documents: what is stated of a vulnerability in a product')
            [CompletionResult]::new('sign', 'sign', [CompletionResultType]::ParameterValue, 'Sign images or files')
            [CompletionResult]::new('attest', 'attest', [CompletionResultType]::ParameterValue, 'Attach predicates to an image, signed')
            [CompletionResult]::new('verify', 'verify', [CompletionResultType]::ParameterValue, 'Judge an image or file by a policy or an identity')
            [CompletionResult]::new('promote', 'promote', [CompletionResultType]::ParameterValue, 'Judge an image by a policy and, where it is allowed, move it with all of its evidence')
            [CompletionResult]::new('tree', 'tree', [CompletionResultType]::ParameterValue, 'Show the evidence of an image as a graph')
            [CompletionResult]::new('policy', 'policy', [CompletionResultType]::ParameterValue, 'Work on policy files')
            [CompletionResult]::new('explain', 'explain', [CompletionResultType]::ParameterValue, 'Explain an exit code, or a code of a report')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Print a completion script for a shell')
            [CompletionResult]::new('man', 'man', [CompletionResultType]::ParameterValue, 'Print the manual page')
            [CompletionResult]::new('version', 'version', [CompletionResultType]::ParameterValue, 'Print the version')
            break
        }
        'toolkit;sbom' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Write this format: `table`, `cyclonedx-json`, `spdx-json`, `purls`; to stdout, or to FILE. May be repeated')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Write this format: `table`, `cyclonedx-json`, `spdx-json`, `purls`; to stdout, or to FILE. May be repeated')
            [CompletionResult]::new('--platform', '--platform', [CompletionResultType]::ParameterName, 'The platform to read of a multi-platform image; by default this machine''s')
            [CompletionResult]::new('--insecure-registry', '--insecure-registry', [CompletionResultType]::ParameterName, 'Speak plain HTTP to this registry (`host` or `host:port`); loopback needs no flag. Printed on every run')
            [CompletionResult]::new('--ca-file', '--ca-file', [CompletionResultType]::ParameterName, 'Trust the certificates of this PEM file in addition to the system''s')
            [CompletionResult]::new('--limit', '--limit', [CompletionResultType]::ParameterName, 'Change a limit on foreign input, such as `layer-size=1073741824`')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--offline', '--offline', [CompletionResultType]::ParameterName, 'Use no network at all: a target in a registry is refused, and so is signing')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print less: `-q` no notes and no progress, `-qq` no errors either')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print less: `-q` no notes and no progress, `-qq` no errors either')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more: `-v` what is done, `-vv` how, `-vvv` everything')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more: `-v` what is done, `-vv` how, `-vvv` everything')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'toolkit;scan' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Write this format: `table`, `json`, `sarif`, `cyclonedx-json`, `openvex`, `cosign-vuln`; to stdout, or to FILE. May be repeated')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Write this format: `table`, `json`, `sarif`, `cyclonedx-json`, `openvex`, `cosign-vuln`; to stdout, or to FILE. May be repeated')
            [CompletionResult]::new('--db', '--db', [CompletionResultType]::ParameterName, 'The database, as a folder that `db build -o` or `db export` wrote, with its digest unless this machine knows it; by default the installed one')
            [CompletionResult]::new('--db-identity', '--db-identity', [CompletionResultType]::ParameterName, 'Trust the database of `--db` where this identity signed it, such as `kind=github,repository=OWNER/NAME,ref=refs/heads/main`; may be repeated, any one suffices')
            [CompletionResult]::new('--trusted-root', '--trusted-root', [CompletionResultType]::ParameterName, 'Judge by the trust root of this file instead of the embedded one of public Sigstore')
            [CompletionResult]::new('--max-age', '--max-age', [CompletionResultType]::ParameterName, 'Refuse a database that is older, such as `5d` or `12h`; by default 5d for one that was not built here')
            [CompletionResult]::new('--fail-on', '--fail-on', [CompletionResultType]::ParameterName, 'End with 1 where a finding has this severity or worse; malicious packages always count')
            [CompletionResult]::new('--exit-code', '--exit-code', [CompletionResultType]::ParameterName, 'End with this code instead of 1; without `--fail-on` every finding that is shown counts, with it 0 has no effect')
            [CompletionResult]::new('--exit-on-eol', '--exit-on-eol', [CompletionResultType]::ParameterName, 'End with this code where the release of a distribution is past its end of life, unless a finding or the database decides; 0 has no effect')
            [CompletionResult]::new('--why', '--why', [CompletionResultType]::ParameterName, 'Explain instead why this vulnerability is found or not; PURL names packages, as `pkg:TYPE/[NAMESPACE/]NAME` with globs, or with a version')
            [CompletionResult]::new('--as-of', '--as-of', [CompletionResultType]::ParameterName, 'Leave out what was published after this day, which only comes near to what was known then')
            [CompletionResult]::new('--severity', '--severity', [CompletionResultType]::ParameterName, 'Show only these severities')
            [CompletionResult]::new('--ignore-status', '--ignore-status', [CompletionResultType]::ParameterName, 'Leave out findings whose fix is in one of these states: `fixed`, `not-fixed`, `wont-fix`, `unknown`')
            [CompletionResult]::new('--ignorefile', '--ignorefile', [CompletionResultType]::ParameterName, 'Suppress what this file says, with reason and end; `.trivyignore`, `.trivyignore.yaml`, `.grype.yaml` and `osv-scanner.toml` are known by name. May be repeated; none is loaded by itself')
            [CompletionResult]::new('--vex', '--vex', [CompletionResultType]::ParameterName, 'Suppress what this OpenVEX, CSAF or CycloneDX document states to be fixed or, with a reason, not affected. May be repeated')
            [CompletionResult]::new('--baseline', '--baseline', [CompletionResultType]::ParameterName, 'Suppress what an earlier result (`-o json`), or a scan of this target with the same database, has too')
            [CompletionResult]::new('--platform', '--platform', [CompletionResultType]::ParameterName, 'The platform to read of a multi-platform image; by default this machine''s')
            [CompletionResult]::new('--insecure-registry', '--insecure-registry', [CompletionResultType]::ParameterName, 'Speak plain HTTP to this registry (`host` or `host:port`); loopback needs no flag. Printed on every run')
            [CompletionResult]::new('--ca-file', '--ca-file', [CompletionResultType]::ParameterName, 'Trust the certificates of this PEM file in addition to the system''s')
            [CompletionResult]::new('--limit', '--limit', [CompletionResultType]::ParameterName, 'Change a limit on foreign input, such as `layer-size=1073741824`')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--only-fixed', '--only-fixed', [CompletionResultType]::ParameterName, 'Show and count only what is fixed in a channel that this system has')
            [CompletionResult]::new('--only-notfixed', '--only-notfixed', [CompletionResultType]::ParameterName, 'Show and count only what is not fixed')
            [CompletionResult]::new('--show-suppressed', '--show-suppressed', [CompletionResultType]::ParameterName, 'Show what a rule suppresses, too')
            [CompletionResult]::new('--by-cve', '--by-cve', [CompletionResultType]::ParameterName, 'Accepted and without effect: findings are always shown by CVE where they have one')
            [CompletionResult]::new('--offline', '--offline', [CompletionResultType]::ParameterName, 'Use no network at all: a target in a registry is refused, and so is signing')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print less: `-q` no notes and no progress, `-qq` no errors either')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print less: `-q` no notes and no progress, `-qq` no errors either')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more: `-v` what is done, `-vv` how, `-vvv` everything')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more: `-v` what is done, `-vv` how, `-vvv` everything')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'toolkit;db' {
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print less: `-q` no notes and no progress, `-qq` no errors either')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print less: `-q` no notes and no progress, `-qq` no errors either')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more: `-v` what is done, `-vv` how, `-vvv` everything')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more: `-v` what is done, `-vv` how, `-vvv` everything')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('fetch', 'fetch', [CompletionResultType]::ParameterValue, 'Download the feeds that a database is built of from their publishers')
            [CompletionResult]::new('build', 'build', [CompletionResultType]::ParameterValue, 'Build a database from downloaded feeds and install it')
            [CompletionResult]::new('update', 'update', [CompletionResultType]::ParameterValue, 'Pull a newer database that a wanted signer vouches for, and install it')
            [CompletionResult]::new('check', 'check', [CompletionResultType]::ParameterValue, 'Ask whether there is a newer one: 100 where there is, 0 where there is none')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Show the database that `scan` uses')
            [CompletionResult]::new('search', 'search', [CompletionResultType]::ParameterValue, 'Show what the database knows of a vulnerability or a package')
            [CompletionResult]::new('diff', 'diff', [CompletionResultType]::ParameterValue, 'Show which records changed from one database to another')
            [CompletionResult]::new('import', 'import', [CompletionResultType]::ParameterValue, 'Install a database from a file or folder; a wanted signer must vouch for it')
            [CompletionResult]::new('export', 'export', [CompletionResultType]::ParameterValue, 'Write the database to a folder, an OCI layout or archive, or a registry')
            [CompletionResult]::new('gc', 'gc', [CompletionResultType]::ParameterValue, 'Remove installed databases that are not used any more')
            break
        }
        'toolkit;db;fetch' {
            [CompletionResult]::new('--feed', '--feed', [CompletionResultType]::ParameterName, 'Fetch only this feed, such as `npm`, `debian` or `kev`; may be repeated. By default all; a name that is none lists them')
            [CompletionResult]::new('--mirror', '--mirror', [CompletionResultType]::ParameterName, 'Ask this mirror instead of the publishers: it has their files at URL/HOST/PATH')
            [CompletionResult]::new('--insecure-registry', '--insecure-registry', [CompletionResultType]::ParameterName, 'Speak plain HTTP to this registry (`host` or `host:port`); loopback needs no flag. Printed on every run')
            [CompletionResult]::new('--ca-file', '--ca-file', [CompletionResultType]::ParameterName, 'Trust the certificates of this PEM file in addition to the system''s')
            [CompletionResult]::new('--limit', '--limit', [CompletionResultType]::ParameterName, 'Change a limit on foreign input, such as `layer-size=1073741824`')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--offline', '--offline', [CompletionResultType]::ParameterName, 'Use no network at all: a target in a registry is refused, and so is signing')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print less: `-q` no notes and no progress, `-qq` no errors either')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print less: `-q` no notes and no progress, `-qq` no errors either')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more: `-v` what is done, `-vv` how, `-vvv` everything')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more: `-v` what is done, `-vv` how, `-vvv` everything')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'toolkit;db;build' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Write the database to this folder instead of installing it; it is trusted by its digest on this machine')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Write the database to this folder instead of installing it; it is trusted by its digest on this machine')
            [CompletionResult]::new('--base', '--base', [CompletionResultType]::ParameterName, 'Keep the segments of this earlier database and add what changed since, so that whoever has it pulls only that')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--demo', '--demo', [CompletionResultType]::ParameterName, 'Mark the database as one for trials: it is used only where it is named, every output says so, and no policy accepts it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print less: `-q` no notes and no progress, `-qq` no errors either')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print less: `-q` no notes and no progress, `-qq` no errors either')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more: `-v` what is done, `-vv` how, `-vvv` everything')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more: `-v` what is done, `-vv` how, `-vvv` everything')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'toolkit;db;update' {
            [CompletionResult]::new('--db-identity', '--db-identity', [CompletionResultType]::ParameterName, 'Whose signature is wanted, such as `kind=github,repository=OWNER/NAME,ref=refs/heads/main`; may be repeated, any one suffices. By default as for the last update')
            [CompletionResult]::new('--max-age', '--max-age', [CompletionResultType]::ParameterName, 'Refuse a database that is older, such as `5d` (the default) or `12h`')
            [CompletionResult]::new('--trusted-root', '--trusted-root', [CompletionResultType]::ParameterName, 'Judge by the trust root of this file instead of the embedded one of public Sigstore')
            [CompletionResult]::new('--insecure-registry', '--insecure-registry', [CompletionResultType]::ParameterName, 'Speak plain HTTP to this registry (`host` or `host:port`); loopback needs no flag. Printed on every run')
            [CompletionResult]::new('--ca-file', '--ca-file', [CompletionResultType]::ParameterName, 'Trust the certificates of this PEM file in addition to the system''s')
            [CompletionResult]::new('--limit', '--limit', [CompletionResultType]::ParameterName, 'Change a limit on foreign input, such as `layer-size=1073741824`')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--offline', '--offline', [CompletionResultType]::ParameterName, 'Use no network at all: a target in a registry is refused, and so is signing')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print less: `-q` no notes and no progress, `-qq` no errors either')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print less: `-q` no notes and no progress, `-qq` no errors either')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more: `-v` what is done, `-vv` how, `-vvv` everything')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more: `-v` what is done, `-vv` how, `-vvv` everything')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'toolkit;db;check' {
            [CompletionResult]::new('--db-identity', '--db-identity', [CompletionResultType]::ParameterName, 'Whose signature is wanted, as for `db update`; by default as for the last update')
            [CompletionResult]::new('--trusted-root', '--trusted-root', [CompletionResultType]::ParameterName, 'Judge by the trust root of this file instead of the embedded one of public Sigstore')
            [CompletionResult]::new('--insecure-registry', '--insecure-registry', [CompletionResultType]::ParameterName, 'Speak plain HTTP to this registry (`host` or `host:port`); loopback needs no flag. Printed on every run')
            [CompletionResult]::new('--ca-file', '--ca-file', [CompletionResultType]::ParameterName, 'Trust the certificates of this PEM file in addition to the system''s')
            [CompletionResult]::new('--limit', '--limit', [CompletionResultType]::ParameterName, 'Change a limit on foreign input, such as `layer-size=1073741824`')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--offline', '--offline', [CompletionResultType]::ParameterName, 'Use no network at all: a target in a registry is refused, and so is signing')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print less: `-q` no notes and no progress, `-qq` no errors either')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print less: `-q` no notes and no progress, `-qq` no errors either')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more: `-v` what is done, `-vv` how, `-vvv` everything')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more: `-v` what is done, `-vv` how, `-vvv` everything')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'toolkit;db;status' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How to print the result')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How to print the result')
            [CompletionResult]::new('--db', '--db', [CompletionResultType]::ParameterName, 'The database, as a folder that `db build -o` or `db export` wrote, with its digest unless this machine knows it; by default the installed one')
            [CompletionResult]::new('--db-identity', '--db-identity', [CompletionResultType]::ParameterName, 'Trust the database of `--db` where this identity signed it, such as `kind=github,repository=OWNER/NAME,ref=refs/heads/main`; may be repeated, any one suffices')
            [CompletionResult]::new('--trusted-root', '--trusted-root', [CompletionResultType]::ParameterName, 'Judge by the trust root of this file instead of the embedded one of public Sigstore')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print less: `-q` no notes and no progress, `-qq` no errors either')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print less: `-q` no notes and no progress, `-qq` no errors either')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more: `-v` what is done, `-vv` how, `-vvv` everything')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more: `-v` what is done, `-vv` how, `-vvv` everything')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'toolkit;db;search' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How to print the result')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How to print the result')
            [CompletionResult]::new('--db', '--db', [CompletionResultType]::ParameterName, 'The database, as a folder that `db build -o` or `db export` wrote, with its digest unless this machine knows it; by default the installed one')
            [CompletionResult]::new('--db-identity', '--db-identity', [CompletionResultType]::ParameterName, 'Trust the database of `--db` where this identity signed it, such as `kind=github,repository=OWNER/NAME,ref=refs/heads/main`; may be repeated, any one suffices')
            [CompletionResult]::new('--trusted-root', '--trusted-root', [CompletionResultType]::ParameterName, 'Judge by the trust root of this file instead of the embedded one of public Sigstore')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print less: `-q` no notes and no progress, `-qq` no errors either')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print less: `-q` no notes and no progress, `-qq` no errors either')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more: `-v` what is done, `-vv` how, `-vvv` everything')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more: `-v` what is done, `-vv` how, `-vvv` everything')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'toolkit;db;diff' {
            [CompletionResult]::new('--db-identity', '--db-identity', [CompletionResultType]::ParameterName, 'Trust a database that this identity signed, as for `scan`; may be repeated, any one suffices')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How to print the result')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How to print the result')
            [CompletionResult]::new('--trusted-root', '--trusted-root', [CompletionResultType]::ParameterName, 'Judge by the trust root of this file instead of the embedded one of public Sigstore')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print less: `-q` no notes and no progress, `-qq` no errors either')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print less: `-q` no notes and no progress, `-qq` no errors either')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more: `-v` what is done, `-vv` how, `-vvv` everything')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more: `-v` what is done, `-vv` how, `-vvv` everything')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'toolkit;db;import' {
            [CompletionResult]::new('--db-identity', '--db-identity', [CompletionResultType]::ParameterName, 'Whose signature is wanted, as for `db update`; may be repeated, any one suffices')
            [CompletionResult]::new('--max-age', '--max-age', [CompletionResultType]::ParameterName, 'Refuse a database that is older, such as `5d` (the default) or `12h`')
            [CompletionResult]::new('--trusted-root', '--trusted-root', [CompletionResultType]::ParameterName, 'Judge by the trust root of this file instead of the embedded one of public Sigstore')
            [CompletionResult]::new('--insecure-registry', '--insecure-registry', [CompletionResultType]::ParameterName, 'Speak plain HTTP to this registry (`host` or `host:port`); loopback needs no flag. Printed on every run')
            [CompletionResult]::new('--ca-file', '--ca-file', [CompletionResultType]::ParameterName, 'Trust the certificates of this PEM file in addition to the system''s')
            [CompletionResult]::new('--limit', '--limit', [CompletionResultType]::ParameterName, 'Change a limit on foreign input, such as `layer-size=1073741824`')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--offline', '--offline', [CompletionResultType]::ParameterName, 'Use no network at all: a target in a registry is refused, and so is signing')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print less: `-q` no notes and no progress, `-qq` no errors either')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print less: `-q` no notes and no progress, `-qq` no errors either')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more: `-v` what is done, `-vv` how, `-vvv` everything')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more: `-v` what is done, `-vv` how, `-vvv` everything')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'toolkit;db;export' {
            [CompletionResult]::new('--db', '--db', [CompletionResultType]::ParameterName, 'The database, as a folder that `db build -o` or `db export` wrote, with its digest unless this machine knows it; by default the installed one')
            [CompletionResult]::new('--db-identity', '--db-identity', [CompletionResultType]::ParameterName, 'Trust the database of `--db` where this identity signed it, such as `kind=github,repository=OWNER/NAME,ref=refs/heads/main`; may be repeated, any one suffices')
            [CompletionResult]::new('--trusted-root', '--trusted-root', [CompletionResultType]::ParameterName, 'Judge by the trust root of this file instead of the embedded one of public Sigstore')
            [CompletionResult]::new('--insecure-registry', '--insecure-registry', [CompletionResultType]::ParameterName, 'Speak plain HTTP to this registry (`host` or `host:port`); loopback needs no flag. Printed on every run')
            [CompletionResult]::new('--ca-file', '--ca-file', [CompletionResultType]::ParameterName, 'Trust the certificates of this PEM file in addition to the system''s')
            [CompletionResult]::new('--limit', '--limit', [CompletionResultType]::ParameterName, 'Change a limit on foreign input, such as `layer-size=1073741824`')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--offline', '--offline', [CompletionResultType]::ParameterName, 'Use no network at all: a target in a registry is refused, and so is signing')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print less: `-q` no notes and no progress, `-qq` no errors either')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print less: `-q` no notes and no progress, `-qq` no errors either')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more: `-v` what is done, `-vv` how, `-vvv` everything')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more: `-v` what is done, `-vv` how, `-vvv` everything')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'toolkit;db;gc' {
            [CompletionResult]::new('--keep', '--keep', [CompletionResultType]::ParameterName, 'How many databases to keep beside the one that is used, newest first')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print less: `-q` no notes and no progress, `-qq` no errors either')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print less: `-q` no notes and no progress, `-qq` no errors either')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more: `-v` what is done, `-vv` how, `-vvv` everything')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more: `-v` what is done, `-vv` how, `-vvv` everything')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'toolkit;hook' {
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print less: `-q` no notes and no progress, `-qq` no errors either')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print less: `-q` no notes and no progress, `-qq` no errors either')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more: `-v` what is done, `-vv` how, `-vvv` everything')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more: `-v` what is done, `-vv` how, `-vvv` everything')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('install', 'install', [CompletionResultType]::ParameterValue, 'Make git run `toolkit hook run pre-push` before each push from this repository; a hook that is there is kept and runs first')
            [CompletionResult]::new('uninstall', 'uninstall', [CompletionResultType]::ParameterValue, 'Take the hook away and put back the one that was there before')
            [CompletionResult]::new('run', 'run', [CompletionResultType]::ParameterValue, 'Do the work of a hook, as git or another manager of hooks calls it')
            break
        }
        'toolkit;hook;install' {
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print less: `-q` no notes and no progress, `-qq` no errors either')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print less: `-q` no notes and no progress, `-qq` no errors either')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more: `-v` what is done, `-vv` how, `-vvv` everything')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more: `-v` what is done, `-vv` how, `-vvv` everything')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'toolkit;hook;uninstall' {
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print less: `-q` no notes and no progress, `-qq` no errors either')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print less: `-q` no notes and no progress, `-qq` no errors either')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more: `-v` what is done, `-vv` how, `-vvv` everything')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more: `-v` what is done, `-vv` how, `-vvv` everything')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'toolkit;hook;run' {
            [CompletionResult]::new('--fail-on', '--fail-on', [CompletionResultType]::ParameterName, 'Stop the push where it adds a finding of this severity or worse; malicious packages always count')
            [CompletionResult]::new('--db', '--db', [CompletionResultType]::ParameterName, 'The database, as a folder that `db build -o` or `db export` wrote, with its digest unless this machine knows it; by default the installed one')
            [CompletionResult]::new('--db-identity', '--db-identity', [CompletionResultType]::ParameterName, 'Trust the database of `--db` where this identity signed it, such as `kind=github,repository=OWNER/NAME,ref=refs/heads/main`; may be repeated, any one suffices')
            [CompletionResult]::new('--trusted-root', '--trusted-root', [CompletionResultType]::ParameterName, 'Judge by the trust root of this file instead of the embedded one of public Sigstore')
            [CompletionResult]::new('--max-age', '--max-age', [CompletionResultType]::ParameterName, 'Refuse a database that is older, such as `5d` or `12h`; by default 5d for one that was not built here')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print less: `-q` no notes and no progress, `-qq` no errors either')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print less: `-q` no notes and no progress, `-qq` no errors either')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more: `-v` what is done, `-vv` how, `-vvv` everything')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more: `-v` what is done, `-vv` how, `-vvv` everything')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'toolkit;vex' {
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print less: `-q` no notes and no progress, `-qq` no errors either')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print less: `-q` no notes and no progress, `-qq` no errors either')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more: `-v` what is done, `-vv` how, `-vvv` everything')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more: `-v` what is done, `-vv` how, `-vvv` everything')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('create', 'create', [CompletionResultType]::ParameterValue, 'Write a new OpenVEX document, from flags or from what a scan suppressed')
            [CompletionResult]::new('add', 'add', [CompletionResultType]::ParameterValue, 'Add statements to an OpenVEX document, which becomes its next version')
            break
        }
        'toolkit;vex;create' {
            [CompletionResult]::new('--product', '--product', [CompletionResultType]::ParameterName, 'The product that it is about, as a package URL (of an image: `pkg:oci/NAME@sha256%3A…`) or another IRI. May be repeated')
            [CompletionResult]::new('--subcomponent', '--subcomponent', [CompletionResultType]::ParameterName, 'The component of the product that it is about, as a package URL. May be repeated')
            [CompletionResult]::new('--vuln', '--vuln', [CompletionResultType]::ParameterName, 'The vulnerability, with other ids of it behind commas. May be repeated')
            [CompletionResult]::new('--status', '--status', [CompletionResultType]::ParameterName, 'What is stated')
            [CompletionResult]::new('--justification', '--justification', [CompletionResultType]::ParameterName, 'Why it is not affected')
            [CompletionResult]::new('--impact-statement', '--impact-statement', [CompletionResultType]::ParameterName, 'Why it is not affected, in words')
            [CompletionResult]::new('--action-statement', '--action-statement', [CompletionResultType]::ParameterName, 'What to do where it is affected')
            [CompletionResult]::new('--status-note', '--status-note', [CompletionResultType]::ParameterName, 'How the status was found')
            [CompletionResult]::new('--from-scan', '--from-scan', [CompletionResultType]::ParameterName, 'State what this result of `scan -o json` suppressed, instead of `--vuln`: what the distribution says as it says it, what an ignore file hides with `--status`, or else as under investigation')
            [CompletionResult]::new('--author', '--author', [CompletionResultType]::ParameterName, 'Who issues the document')
            [CompletionResult]::new('--role', '--role', [CompletionResultType]::ParameterName, 'As what the author issues it, such as `Document Creator`')
            [CompletionResult]::new('--id', '--id', [CompletionResultType]::ParameterName, 'The IRI of the document; by default one made of the digest of its content')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Write to this file instead of stdout')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Write to this file instead of stdout')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print less: `-q` no notes and no progress, `-qq` no errors either')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print less: `-q` no notes and no progress, `-qq` no errors either')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more: `-v` what is done, `-vv` how, `-vvv` everything')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more: `-v` what is done, `-vv` how, `-vvv` everything')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'toolkit;vex;add' {
            [CompletionResult]::new('--product', '--product', [CompletionResultType]::ParameterName, 'The product that it is about, as a package URL (of an image: `pkg:oci/NAME@sha256%3A…`) or another IRI. May be repeated')
            [CompletionResult]::new('--subcomponent', '--subcomponent', [CompletionResultType]::ParameterName, 'The component of the product that it is about, as a package URL. May be repeated')
            [CompletionResult]::new('--vuln', '--vuln', [CompletionResultType]::ParameterName, 'The vulnerability, with other ids of it behind commas. May be repeated')
            [CompletionResult]::new('--status', '--status', [CompletionResultType]::ParameterName, 'What is stated')
            [CompletionResult]::new('--justification', '--justification', [CompletionResultType]::ParameterName, 'Why it is not affected')
            [CompletionResult]::new('--impact-statement', '--impact-statement', [CompletionResultType]::ParameterName, 'Why it is not affected, in words')
            [CompletionResult]::new('--action-statement', '--action-statement', [CompletionResultType]::ParameterName, 'What to do where it is affected')
            [CompletionResult]::new('--status-note', '--status-note', [CompletionResultType]::ParameterName, 'How the status was found')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Write to this file instead')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Write to this file instead')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print less: `-q` no notes and no progress, `-qq` no errors either')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print less: `-q` no notes and no progress, `-qq` no errors either')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more: `-v` what is done, `-vv` how, `-vvv` everything')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more: `-v` what is done, `-vv` how, `-vvv` everything')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'toolkit;sign' {
            [CompletionResult]::new('--bundle', '--bundle', [CompletionResultType]::ParameterName, 'Write the bundle of the one target also to this file; compulsory for `file:`')
            [CompletionResult]::new('--identity-token', '--identity-token', [CompletionResultType]::ParameterName, 'Sign as the holder of this OIDC token, or of the token in this file')
            [CompletionResult]::new('--key', '--key', [CompletionResultType]::ParameterName, 'Sign with this private key (P-256, PKCS#8 PEM) instead of keyless')
            [CompletionResult]::new('--signing-config', '--signing-config', [CompletionResultType]::ParameterName, 'Use the services of this signing configuration instead of public Sigstore''s')
            [CompletionResult]::new('--trusted-root', '--trusted-root', [CompletionResultType]::ParameterName, 'Check the new signatures by the trust root of this file instead of the embedded one of public Sigstore')
            [CompletionResult]::new('--insecure-registry', '--insecure-registry', [CompletionResultType]::ParameterName, 'Speak plain HTTP to this registry (`host` or `host:port`); loopback needs no flag. Printed on every run')
            [CompletionResult]::new('--ca-file', '--ca-file', [CompletionResultType]::ParameterName, 'Trust the certificates of this PEM file in addition to the system''s')
            [CompletionResult]::new('--limit', '--limit', [CompletionResultType]::ParameterName, 'Change a limit on foreign input, such as `layer-size=1073741824`')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--offline', '--offline', [CompletionResultType]::ParameterName, 'Use no network at all: a target in a registry is refused, and so is signing')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print less: `-q` no notes and no progress, `-qq` no errors either')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print less: `-q` no notes and no progress, `-qq` no errors either')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more: `-v` what is done, `-vv` how, `-vvv` everything')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more: `-v` what is done, `-vv` how, `-vvv` everything')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'toolkit;attest' {
            [CompletionResult]::new('--predicate', '--predicate', [CompletionResultType]::ParameterName, 'The predicate to attach, as a JSON file; repeat it together with `--type`')
            [CompletionResult]::new('--type', '--type', [CompletionResultType]::ParameterName, 'The predicate''s type: `cyclonedx`, `spdx`, `slsaprovenance1`, `vuln`, `openvex`, `link`, `custom`, or a URI')
            [CompletionResult]::new('--bundle', '--bundle', [CompletionResultType]::ParameterName, 'Write the bundle of a `file:` target, which takes one predicate, to this file')
            [CompletionResult]::new('--platform', '--platform', [CompletionResultType]::ParameterName, 'The platform that an SBOM is about, where the document does not name it')
            [CompletionResult]::new('--identity-token', '--identity-token', [CompletionResultType]::ParameterName, 'Sign as the holder of this OIDC token, or of the token in this file')
            [CompletionResult]::new('--key', '--key', [CompletionResultType]::ParameterName, 'Sign with this private key (P-256, PKCS#8 PEM) instead of keyless')
            [CompletionResult]::new('--signing-config', '--signing-config', [CompletionResultType]::ParameterName, 'Use the services of this signing configuration instead of public Sigstore''s')
            [CompletionResult]::new('--trusted-root', '--trusted-root', [CompletionResultType]::ParameterName, 'Check the new signatures by the trust root of this file instead of the embedded one of public Sigstore')
            [CompletionResult]::new('--insecure-registry', '--insecure-registry', [CompletionResultType]::ParameterName, 'Speak plain HTTP to this registry (`host` or `host:port`); loopback needs no flag. Printed on every run')
            [CompletionResult]::new('--ca-file', '--ca-file', [CompletionResultType]::ParameterName, 'Trust the certificates of this PEM file in addition to the system''s')
            [CompletionResult]::new('--limit', '--limit', [CompletionResultType]::ParameterName, 'Change a limit on foreign input, such as `layer-size=1073741824`')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--offline', '--offline', [CompletionResultType]::ParameterName, 'Use no network at all: a target in a registry is refused, and so is signing')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print less: `-q` no notes and no progress, `-qq` no errors either')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print less: `-q` no notes and no progress, `-qq` no errors either')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more: `-v` what is done, `-vv` how, `-vvv` everything')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more: `-v` what is done, `-vv` how, `-vvv` everything')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('provenance', 'provenance', [CompletionResultType]::ParameterValue, 'Attest how the image was built, from the facts of the CI system or of this machine (SLSA provenance v1)')
            break
        }
        'toolkit;attest;provenance' {
            [CompletionResult]::new('--identity-token', '--identity-token', [CompletionResultType]::ParameterName, 'Sign as the holder of this OIDC token, or of the token in this file')
            [CompletionResult]::new('--key', '--key', [CompletionResultType]::ParameterName, 'Sign with this private key (P-256, PKCS#8 PEM) instead of keyless')
            [CompletionResult]::new('--signing-config', '--signing-config', [CompletionResultType]::ParameterName, 'Use the services of this signing configuration instead of public Sigstore''s')
            [CompletionResult]::new('--trusted-root', '--trusted-root', [CompletionResultType]::ParameterName, 'Check the new signatures by the trust root of this file instead of the embedded one of public Sigstore')
            [CompletionResult]::new('--insecure-registry', '--insecure-registry', [CompletionResultType]::ParameterName, 'Speak plain HTTP to this registry (`host` or `host:port`); loopback needs no flag. Printed on every run')
            [CompletionResult]::new('--ca-file', '--ca-file', [CompletionResultType]::ParameterName, 'Trust the certificates of this PEM file in addition to the system''s')
            [CompletionResult]::new('--limit', '--limit', [CompletionResultType]::ParameterName, 'Change a limit on foreign input, such as `layer-size=1073741824`')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--offline', '--offline', [CompletionResultType]::ParameterName, 'Use no network at all: a target in a registry is refused, and so is signing')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print less: `-q` no notes and no progress, `-qq` no errors either')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print less: `-q` no notes and no progress, `-qq` no errors either')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more: `-v` what is done, `-vv` how, `-vvv` everything')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more: `-v` what is done, `-vv` how, `-vvv` everything')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'toolkit;verify' {
            [CompletionResult]::new('--policy', '--policy', [CompletionResultType]::ParameterName, 'Judge by this policy file')
            [CompletionResult]::new('--certificate-identity', '--certificate-identity', [CompletionResultType]::ParameterName, 'The identity in the certificate, exactly')
            [CompletionResult]::new('--certificate-identity-regexp', '--certificate-identity-regexp', [CompletionResultType]::ParameterName, 'A regular expression for the whole identity in the certificate')
            [CompletionResult]::new('--certificate-oidc-issuer', '--certificate-oidc-issuer', [CompletionResultType]::ParameterName, 'The issuer of the identity, exactly')
            [CompletionResult]::new('--certificate-oidc-issuer-regexp', '--certificate-oidc-issuer-regexp', [CompletionResultType]::ParameterName, 'A regular expression for the whole issuer of the identity')
            [CompletionResult]::new('--key', '--key', [CompletionResultType]::ParameterName, 'The public key (P-256, PEM) that must have signed')
            [CompletionResult]::new('--type', '--type', [CompletionResultType]::ParameterName, 'Check attestations of this type instead of the signature: a name such as `cyclonedx`, or a URI. May be repeated')
            [CompletionResult]::new('--bundle', '--bundle', [CompletionResultType]::ParameterName, 'A bundle to read as evidence; compulsory for `file:`, one more beside those of an image')
            [CompletionResult]::new('--trusted-root', '--trusted-root', [CompletionResultType]::ParameterName, 'Judge by the trust root of this file instead of the embedded one of public Sigstore')
            [CompletionResult]::new('--db', '--db', [CompletionResultType]::ParameterName, 'The database, as a folder that `db build -o` or `db export` wrote, with its digest unless this machine knows it; by default the installed one')
            [CompletionResult]::new('--db-identity', '--db-identity', [CompletionResultType]::ParameterName, 'Trust the database of `--db` where this identity signed it, such as `kind=github,repository=OWNER/NAME,ref=refs/heads/main`; may be repeated, any one suffices')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How to print the verdict')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How to print the verdict')
            [CompletionResult]::new('--insecure-registry', '--insecure-registry', [CompletionResultType]::ParameterName, 'Speak plain HTTP to this registry (`host` or `host:port`); loopback needs no flag. Printed on every run')
            [CompletionResult]::new('--ca-file', '--ca-file', [CompletionResultType]::ParameterName, 'Trust the certificates of this PEM file in addition to the system''s')
            [CompletionResult]::new('--limit', '--limit', [CompletionResultType]::ParameterName, 'Change a limit on foreign input, such as `layer-size=1073741824`')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--offline', '--offline', [CompletionResultType]::ParameterName, 'Use no network at all: a target in a registry is refused, and so is signing')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print less: `-q` no notes and no progress, `-qq` no errors either')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print less: `-q` no notes and no progress, `-qq` no errors either')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more: `-v` what is done, `-vv` how, `-vvv` everything')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more: `-v` what is done, `-vv` how, `-vvv` everything')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'toolkit;promote' {
            [CompletionResult]::new('--policy', '--policy', [CompletionResultType]::ParameterName, 'The policy that must allow the image')
            [CompletionResult]::new('--trusted-root', '--trusted-root', [CompletionResultType]::ParameterName, 'Judge by the trust root of this file instead of the embedded one of public Sigstore')
            [CompletionResult]::new('--db', '--db', [CompletionResultType]::ParameterName, 'The database, as a folder that `db build -o` or `db export` wrote, with its digest unless this machine knows it; by default the installed one')
            [CompletionResult]::new('--db-identity', '--db-identity', [CompletionResultType]::ParameterName, 'Trust the database of `--db` where this identity signed it, such as `kind=github,repository=OWNER/NAME,ref=refs/heads/main`; may be repeated, any one suffices')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How to print the verdict')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How to print the verdict')
            [CompletionResult]::new('--insecure-registry', '--insecure-registry', [CompletionResultType]::ParameterName, 'Speak plain HTTP to this registry (`host` or `host:port`); loopback needs no flag. Printed on every run')
            [CompletionResult]::new('--ca-file', '--ca-file', [CompletionResultType]::ParameterName, 'Trust the certificates of this PEM file in addition to the system''s')
            [CompletionResult]::new('--limit', '--limit', [CompletionResultType]::ParameterName, 'Change a limit on foreign input, such as `layer-size=1073741824`')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Move DST''s tag even where it names another image')
            [CompletionResult]::new('--offline', '--offline', [CompletionResultType]::ParameterName, 'Use no network at all: a target in a registry is refused, and so is signing')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print less: `-q` no notes and no progress, `-qq` no errors either')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print less: `-q` no notes and no progress, `-qq` no errors either')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more: `-v` what is done, `-vv` how, `-vvv` everything')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more: `-v` what is done, `-vv` how, `-vvv` everything')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'toolkit;tree' {
            [CompletionResult]::new('--trusted-root', '--trusted-root', [CompletionResultType]::ParameterName, 'Judge by the trust root of this file instead of the embedded one of public Sigstore')
            [CompletionResult]::new('--key', '--key', [CompletionResultType]::ParameterName, 'A public key (P-256, PEM) to verify signatures without a certificate with; may be repeated')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How to print the graph')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How to print the graph')
            [CompletionResult]::new('--insecure-registry', '--insecure-registry', [CompletionResultType]::ParameterName, 'Speak plain HTTP to this registry (`host` or `host:port`); loopback needs no flag. Printed on every run')
            [CompletionResult]::new('--ca-file', '--ca-file', [CompletionResultType]::ParameterName, 'Trust the certificates of this PEM file in addition to the system''s')
            [CompletionResult]::new('--limit', '--limit', [CompletionResultType]::ParameterName, 'Change a limit on foreign input, such as `layer-size=1073741824`')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--offline', '--offline', [CompletionResultType]::ParameterName, 'Use no network at all: a target in a registry is refused, and so is signing')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print less: `-q` no notes and no progress, `-qq` no errors either')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print less: `-q` no notes and no progress, `-qq` no errors either')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more: `-v` what is done, `-vv` how, `-vvv` everything')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more: `-v` what is done, `-vv` how, `-vvv` everything')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'toolkit;policy' {
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print less: `-q` no notes and no progress, `-qq` no errors either')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print less: `-q` no notes and no progress, `-qq` no errors either')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more: `-v` what is done, `-vv` how, `-vvv` everything')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more: `-v` what is done, `-vv` how, `-vvv` everything')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('check', 'check', [CompletionResultType]::ParameterValue, 'Check a policy file and show all of its faults')
            break
        }
        'toolkit;policy;check' {
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print less: `-q` no notes and no progress, `-qq` no errors either')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print less: `-q` no notes and no progress, `-qq` no errors either')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more: `-v` what is done, `-vv` how, `-vvv` everything')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more: `-v` what is done, `-vv` how, `-vvv` everything')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'toolkit;explain' {
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print less: `-q` no notes and no progress, `-qq` no errors either')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print less: `-q` no notes and no progress, `-qq` no errors either')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more: `-v` what is done, `-vv` how, `-vvv` everything')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more: `-v` what is done, `-vv` how, `-vvv` everything')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'toolkit;completions' {
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print less: `-q` no notes and no progress, `-qq` no errors either')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print less: `-q` no notes and no progress, `-qq` no errors either')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more: `-v` what is done, `-vv` how, `-vvv` everything')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more: `-v` what is done, `-vv` how, `-vvv` everything')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'toolkit;man' {
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print less: `-q` no notes and no progress, `-qq` no errors either')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print less: `-q` no notes and no progress, `-qq` no errors either')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more: `-v` what is done, `-vv` how, `-vvv` everything')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more: `-v` what is done, `-vv` how, `-vvv` everything')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'toolkit;version' {
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print less: `-q` no notes and no progress, `-qq` no errors either')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print less: `-q` no notes and no progress, `-qq` no errors either')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more: `-v` what is done, `-vv` how, `-vvv` everything')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more: `-v` what is done, `-vv` how, `-vvv` everything')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
    })

    $completions.Where{ $_.CompletionText -like "$wordToComplete*" } |
        Sort-Object -Property ListItemText
}
