# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_toolkit_global_optspecs
    string join \n q/quiet v/verbose color= h/help V/version
end

function __fish_toolkit_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_toolkit_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_toolkit_using_subcommand
    set -l cmd (__fish_toolkit_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c toolkit -n "__fish_toolkit_needs_command" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` says otherwise'
always\t'Everywhere'
never\t'Nowhere'"
complete -c toolkit -n "__fish_toolkit_needs_command" -s q -l quiet -d 'Print less: `-q` no notes and no progress, `-qq` no errors either'
complete -c toolkit -n "__fish_toolkit_needs_command" -s v -l verbose -d 'Print more: `-v` what is done, `-vv` how, `-vvv` everything'
complete -c toolkit -n "__fish_toolkit_needs_command" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c toolkit -n "__fish_toolkit_needs_command" -s V -l version -d 'Print version'
complete -c toolkit -n "__fish_toolkit_needs_command" -f -a "sbom" -d 'Write a software bill of materials'
complete -c toolkit -n "__fish_toolkit_needs_command" -f -a "scan" -d 'Find known vulnerabilities in an image or a bill of materials'
complete -c toolkit -n "__fish_toolkit_needs_command" -f -a "db" -d 'Build, update, show and search vulnerability databases'
complete -c toolkit -n "__fish_toolkit_needs_command" -f -a "hook" -d 'Stop pushes that add known vulnerabilities to a git repository'
complete -c toolkit -n "__fish_toolkit_needs_command" -f -a "vex" -d 'Write OpenVEX documents: what is stated of a vulnerability in a product'
complete -c toolkit -n "__fish_toolkit_needs_command" -f -a "sign" -d 'Sign images or files'
complete -c toolkit -n "__fish_toolkit_needs_command" -f -a "attest" -d 'Attach predicates to an image, signed'
complete -c toolkit -n "__fish_toolkit_needs_command" -f -a "verify" -d 'Judge an image or file by a policy or an identity'
complete -c toolkit -n "__fish_toolkit_needs_command" -f -a "promote" -d 'Judge an image by a policy and, where it is allowed, move it with all of its evidence'
complete -c toolkit -n "__fish_toolkit_needs_command" -f -a "tree" -d 'Show the evidence of an image as a graph'
complete -c toolkit -n "__fish_toolkit_needs_command" -f -a "policy" -d 'Work on policy files'
complete -c toolkit -n "__fish_toolkit_needs_command" -f -a "explain" -d 'Explain an exit code, or a code of a report'
complete -c toolkit -n "__fish_toolkit_needs_command" -f -a "completions" -d 'Print a completion script for a shell'
complete -c toolkit -n "__fish_toolkit_needs_command" -f -a "man" -d 'Print the manual page'
complete -c toolkit -n "__fish_toolkit_needs_command" -f -a "version" -d 'Print the version'
complete -c toolkit -n "__fish_toolkit_using_subcommand sbom" -s o -l output -d 'Write this format: `table`, `cyclonedx-json`, `spdx-json`, `purls`; to stdout, or to FILE. May be repeated' -r
complete -c toolkit -n "__fish_toolkit_using_subcommand sbom" -l platform -d 'The platform to read of a multi-platform image; by default this machine\'s' -r
complete -c toolkit -n "__fish_toolkit_using_subcommand sbom" -l insecure-registry -d 'Speak plain HTTP to this registry (`host` or `host:port`); loopback needs no flag. Printed on every run' -r
complete -c toolkit -n "__fish_toolkit_using_subcommand sbom" -l ca-file -d 'Trust the certificates of this PEM file in addition to the system\'s' -r -F
complete -c toolkit -n "__fish_toolkit_using_subcommand sbom" -l limit -d 'Change a limit on foreign input, such as `layer-size=1073741824`' -r
complete -c toolkit -n "__fish_toolkit_using_subcommand sbom" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` says otherwise'
always\t'Everywhere'
never\t'Nowhere'"
complete -c toolkit -n "__fish_toolkit_using_subcommand sbom" -l offline -d 'Use no network at all: a target in a registry is refused, and so is signing'
complete -c toolkit -n "__fish_toolkit_using_subcommand sbom" -s q -l quiet -d 'Print less: `-q` no notes and no progress, `-qq` no errors either'
complete -c toolkit -n "__fish_toolkit_using_subcommand sbom" -s v -l verbose -d 'Print more: `-v` what is done, `-vv` how, `-vvv` everything'
complete -c toolkit -n "__fish_toolkit_using_subcommand sbom" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c toolkit -n "__fish_toolkit_using_subcommand scan" -s o -l output -d 'Write this format: `table`, `json`, `sarif`, `cyclonedx-json`, `openvex`, `cosign-vuln`; to stdout, or to FILE. May be repeated' -r
complete -c toolkit -n "__fish_toolkit_using_subcommand scan" -l db -d 'The database, as a folder that `db build -o` or `db export` wrote, with its digest unless this machine knows it; by default the installed one' -r
complete -c toolkit -n "__fish_toolkit_using_subcommand scan" -l db-identity -d 'Trust the database of `--db` where this identity signed it, such as `kind=github,repository=OWNER/NAME,ref=refs/heads/main`; may be repeated, any one suffices' -r
complete -c toolkit -n "__fish_toolkit_using_subcommand scan" -l trusted-root -d 'Judge by the trust root of this file instead of the embedded one of public Sigstore' -r -F
complete -c toolkit -n "__fish_toolkit_using_subcommand scan" -l max-age -d 'Refuse a database that is older, such as `5d` or `12h`; by default 5d for one that was not built here' -r
complete -c toolkit -n "__fish_toolkit_using_subcommand scan" -l fail-on -d 'End with 1 where a finding has this severity or worse; malicious packages always count' -r -f -a "negligible\t'Of no practical effect'
low\t'Low'
medium\t'Medium'
high\t'High'
critical\t'Critical'"
complete -c toolkit -n "__fish_toolkit_using_subcommand scan" -l exit-code -d 'End with this code instead of 1; without `--fail-on` every finding that is shown counts, with it 0 has no effect' -r
complete -c toolkit -n "__fish_toolkit_using_subcommand scan" -l exit-on-eol -d 'End with this code where the release of a distribution is past its end of life, unless a finding or the database decides; 0 has no effect' -r
complete -c toolkit -n "__fish_toolkit_using_subcommand scan" -l why -d 'Explain instead why this vulnerability is found or not; PURL names packages, as `pkg:TYPE/[NAMESPACE/]NAME` with globs, or with a version' -r
complete -c toolkit -n "__fish_toolkit_using_subcommand scan" -l as-of -d 'Leave out what was published after this day, which only comes near to what was known then' -r
complete -c toolkit -n "__fish_toolkit_using_subcommand scan" -l severity -d 'Show only these severities' -r -f -a "unknown\t'Nobody rates it'
negligible\t'Of no practical effect'
low\t'Low'
medium\t'Medium'
high\t'High'
critical\t'Critical'"
complete -c toolkit -n "__fish_toolkit_using_subcommand scan" -l ignore-status -d 'Leave out findings whose fix is in one of these states: `fixed`, `not-fixed`, `wont-fix`, `unknown`' -r -f -a "fixed\t'A version fixes it'
not-fixed\t'No version does yet'
wont-fix\t'None will'
unknown\t'Nobody says'"
complete -c toolkit -n "__fish_toolkit_using_subcommand scan" -l ignorefile -d 'Suppress what this file says, with reason and end; `.trivyignore`, `.trivyignore.yaml`, `.grype.yaml` and `osv-scanner.toml` are known by name. May be repeated; none is loaded by itself' -r -F
complete -c toolkit -n "__fish_toolkit_using_subcommand scan" -l vex -d 'Suppress what this OpenVEX, CSAF or CycloneDX document states to be fixed or, with a reason, not affected. May be repeated' -r -F
complete -c toolkit -n "__fish_toolkit_using_subcommand scan" -l baseline -d 'Suppress what an earlier result (`-o json`), or a scan of this target with the same database, has too' -r
complete -c toolkit -n "__fish_toolkit_using_subcommand scan" -l platform -d 'The platform to read of a multi-platform image; by default this machine\'s' -r
complete -c toolkit -n "__fish_toolkit_using_subcommand scan" -l insecure-registry -d 'Speak plain HTTP to this registry (`host` or `host:port`); loopback needs no flag. Printed on every run' -r
complete -c toolkit -n "__fish_toolkit_using_subcommand scan" -l ca-file -d 'Trust the certificates of this PEM file in addition to the system\'s' -r -F
complete -c toolkit -n "__fish_toolkit_using_subcommand scan" -l limit -d 'Change a limit on foreign input, such as `layer-size=1073741824`' -r
complete -c toolkit -n "__fish_toolkit_using_subcommand scan" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` says otherwise'
always\t'Everywhere'
never\t'Nowhere'"
complete -c toolkit -n "__fish_toolkit_using_subcommand scan" -l only-fixed -d 'Show and count only what is fixed in a channel that this system has'
complete -c toolkit -n "__fish_toolkit_using_subcommand scan" -l only-notfixed -d 'Show and count only what is not fixed'
complete -c toolkit -n "__fish_toolkit_using_subcommand scan" -l show-suppressed -d 'Show what a rule suppresses, too'
complete -c toolkit -n "__fish_toolkit_using_subcommand scan" -l by-cve -d 'Accepted and without effect: findings are always shown by CVE where they have one'
complete -c toolkit -n "__fish_toolkit_using_subcommand scan" -l offline -d 'Use no network at all: a target in a registry is refused, and so is signing'
complete -c toolkit -n "__fish_toolkit_using_subcommand scan" -s q -l quiet -d 'Print less: `-q` no notes and no progress, `-qq` no errors either'
complete -c toolkit -n "__fish_toolkit_using_subcommand scan" -s v -l verbose -d 'Print more: `-v` what is done, `-vv` how, `-vvv` everything'
complete -c toolkit -n "__fish_toolkit_using_subcommand scan" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c toolkit -n "__fish_toolkit_using_subcommand db; and not __fish_seen_subcommand_from fetch build update check status search diff import export gc" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` says otherwise'
always\t'Everywhere'
never\t'Nowhere'"
complete -c toolkit -n "__fish_toolkit_using_subcommand db; and not __fish_seen_subcommand_from fetch build update check status search diff import export gc" -s q -l quiet -d 'Print less: `-q` no notes and no progress, `-qq` no errors either'
complete -c toolkit -n "__fish_toolkit_using_subcommand db; and not __fish_seen_subcommand_from fetch build update check status search diff import export gc" -s v -l verbose -d 'Print more: `-v` what is done, `-vv` how, `-vvv` everything'
complete -c toolkit -n "__fish_toolkit_using_subcommand db; and not __fish_seen_subcommand_from fetch build update check status search diff import export gc" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c toolkit -n "__fish_toolkit_using_subcommand db; and not __fish_seen_subcommand_from fetch build update check status search diff import export gc" -f -a "fetch" -d 'Download the feeds that a database is built of from their publishers'
complete -c toolkit -n "__fish_toolkit_using_subcommand db; and not __fish_seen_subcommand_from fetch build update check status search diff import export gc" -f -a "build" -d 'Build a database from downloaded feeds and install it'
complete -c toolkit -n "__fish_toolkit_using_subcommand db; and not __fish_seen_subcommand_from fetch build update check status search diff import export gc" -f -a "update" -d 'Pull a newer database that a wanted signer vouches for, and install it'
complete -c toolkit -n "__fish_toolkit_using_subcommand db; and not __fish_seen_subcommand_from fetch build update check status search diff import export gc" -f -a "check" -d 'Ask whether there is a newer one: 100 where there is, 0 where there is none'
complete -c toolkit -n "__fish_toolkit_using_subcommand db; and not __fish_seen_subcommand_from fetch build update check status search diff import export gc" -f -a "status" -d 'Show the database that `scan` uses'
complete -c toolkit -n "__fish_toolkit_using_subcommand db; and not __fish_seen_subcommand_from fetch build update check status search diff import export gc" -f -a "search" -d 'Show what the database knows of a vulnerability or a package'
complete -c toolkit -n "__fish_toolkit_using_subcommand db; and not __fish_seen_subcommand_from fetch build update check status search diff import export gc" -f -a "diff" -d 'Show which records changed from one database to another'
complete -c toolkit -n "__fish_toolkit_using_subcommand db; and not __fish_seen_subcommand_from fetch build update check status search diff import export gc" -f -a "import" -d 'Install a database from a file or folder; a wanted signer must vouch for it'
complete -c toolkit -n "__fish_toolkit_using_subcommand db; and not __fish_seen_subcommand_from fetch build update check status search diff import export gc" -f -a "export" -d 'Write the database to a folder, an OCI layout or archive, or a registry'
complete -c toolkit -n "__fish_toolkit_using_subcommand db; and not __fish_seen_subcommand_from fetch build update check status search diff import export gc" -f -a "gc" -d 'Remove installed databases that are not used any more'
complete -c toolkit -n "__fish_toolkit_using_subcommand db; and __fish_seen_subcommand_from fetch" -l feed -d 'Fetch only this feed, such as `npm`, `debian` or `kev`; may be repeated. By default all; a name that is none lists them' -r
complete -c toolkit -n "__fish_toolkit_using_subcommand db; and __fish_seen_subcommand_from fetch" -l mirror -d 'Ask this mirror instead of the publishers: it has their files at URL/HOST/PATH' -r
complete -c toolkit -n "__fish_toolkit_using_subcommand db; and __fish_seen_subcommand_from fetch" -l insecure-registry -d 'Speak plain HTTP to this registry (`host` or `host:port`); loopback needs no flag. Printed on every run' -r
complete -c toolkit -n "__fish_toolkit_using_subcommand db; and __fish_seen_subcommand_from fetch" -l ca-file -d 'Trust the certificates of this PEM file in addition to the system\'s' -r -F
complete -c toolkit -n "__fish_toolkit_using_subcommand db; and __fish_seen_subcommand_from fetch" -l limit -d 'Change a limit on foreign input, such as `layer-size=1073741824`' -r
complete -c toolkit -n "__fish_toolkit_using_subcommand db; and __fish_seen_subcommand_from fetch" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` says otherwise'
always\t'Everywhere'
never\t'Nowhere'"
complete -c toolkit -n "__fish_toolkit_using_subcommand db; and __fish_seen_subcommand_from fetch" -l offline -d 'Use no network at all: a target in a registry is refused, and so is signing'
complete -c toolkit -n "__fish_toolkit_using_subcommand db; and __fish_seen_subcommand_from fetch" -s q -l quiet -d 'Print less: `-q` no notes and no progress, `-qq` no errors either'
complete -c toolkit -n "__fish_toolkit_using_subcommand db; and __fish_seen_subcommand_from fetch" -s v -l verbose -d 'Print more: `-v` what is done, `-vv` how, `-vvv` everything'
complete -c toolkit -n "__fish_toolkit_using_subcommand db; and __fish_seen_subcommand_from fetch" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c toolkit -n "__fish_toolkit_using_subcommand db; and __fish_seen_subcommand_from build" -s o -l output -d 'Write the database to this folder instead of installing it; it is trusted by its digest on this machine' -r -F
complete -c toolkit -n "__fish_toolkit_using_subcommand db; and __fish_seen_subcommand_from build" -l base -d 'Keep the segments of this earlier database and add what changed since, so that whoever has it pulls only that' -r
complete -c toolkit -n "__fish_toolkit_using_subcommand db; and __fish_seen_subcommand_from build" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` says otherwise'
always\t'Everywhere'
never\t'Nowhere'"
complete -c toolkit -n "__fish_toolkit_using_subcommand db; and __fish_seen_subcommand_from build" -l demo -d 'Mark the database as one for trials: it is used only where it is named, every output says so, and no policy accepts it'
complete -c toolkit -n "__fish_toolkit_using_subcommand db; and __fish_seen_subcommand_from build" -s q -l quiet -d 'Print less: `-q` no notes and no progress, `-qq` no errors either'
complete -c toolkit -n "__fish_toolkit_using_subcommand db; and __fish_seen_subcommand_from build" -s v -l verbose -d 'Print more: `-v` what is done, `-vv` how, `-vvv` everything'
complete -c toolkit -n "__fish_toolkit_using_subcommand db; and __fish_seen_subcommand_from build" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c toolkit -n "__fish_toolkit_using_subcommand db; and __fish_seen_subcommand_from update" -l db-identity -d 'Whose signature is wanted, such as `kind=github,repository=OWNER/NAME,ref=refs/heads/main`; may be repeated, any one suffices. By default as for the last update' -r
complete -c toolkit -n "__fish_toolkit_using_subcommand db; and __fish_seen_subcommand_from update" -l max-age -d 'Refuse a database that is older, such as `5d` (the default) or `12h`' -r
complete -c toolkit -n "__fish_toolkit_using_subcommand db; and __fish_seen_subcommand_from update" -l trusted-root -d 'Judge by the trust root of this file instead of the embedded one of public Sigstore' -r -F
complete -c toolkit -n "__fish_toolkit_using_subcommand db; and __fish_seen_subcommand_from update" -l insecure-registry -d 'Speak plain HTTP to this registry (`host` or `host:port`); loopback needs no flag. Printed on every run' -r
complete -c toolkit -n "__fish_toolkit_using_subcommand db; and __fish_seen_subcommand_from update" -l ca-file -d 'Trust the certificates of this PEM file in addition to the system\'s' -r -F
complete -c toolkit -n "__fish_toolkit_using_subcommand db; and __fish_seen_subcommand_from update" -l limit -d 'Change a limit on foreign input, such as `layer-size=1073741824`' -r
complete -c toolkit -n "__fish_toolkit_using_subcommand db; and __fish_seen_subcommand_from update" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` says otherwise'
always\t'Everywhere'
never\t'Nowhere'"
complete -c toolkit -n "__fish_toolkit_using_subcommand db; and __fish_seen_subcommand_from update" -l offline -d 'Use no network at all: a target in a registry is refused, and so is signing'
complete -c toolkit -n "__fish_toolkit_using_subcommand db; and __fish_seen_subcommand_from update" -s q -l quiet -d 'Print less: `-q` no notes and no progress, `-qq` no errors either'
complete -c toolkit -n "__fish_toolkit_using_subcommand db; and __fish_seen_subcommand_from update" -s v -l verbose -d 'Print more: `-v` what is done, `-vv` how, `-vvv` everything'
complete -c toolkit -n "__fish_toolkit_using_subcommand db; and __fish_seen_subcommand_from update" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c toolkit -n "__fish_toolkit_using_subcommand db; and __fish_seen_subcommand_from check" -l db-identity -d 'Whose signature is wanted, as for `db update`; by default as for the last update' -r
complete -c toolkit -n "__fish_toolkit_using_subcommand db; and __fish_seen_subcommand_from check" -l trusted-root -d 'Judge by the trust root of this file instead of the embedded one of public Sigstore' -r -F
complete -c toolkit -n "__fish_toolkit_using_subcommand db; and __fish_seen_subcommand_from check" -l insecure-registry -d 'Speak plain HTTP to this registry (`host` or `host:port`); loopback needs no flag. Printed on every run' -r
complete -c toolkit -n "__fish_toolkit_using_subcommand db; and __fish_seen_subcommand_from check" -l ca-file -d 'Trust the certificates of this PEM file in addition to the system\'s' -r -F
complete -c toolkit -n "__fish_toolkit_using_subcommand db; and __fish_seen_subcommand_from check" -l limit -d 'Change a limit on foreign input, such as `layer-size=1073741824`' -r
complete -c toolkit -n "__fish_toolkit_using_subcommand db; and __fish_seen_subcommand_from check" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` says otherwise'
always\t'Everywhere'
never\t'Nowhere'"
complete -c toolkit -n "__fish_toolkit_using_subcommand db; and __fish_seen_subcommand_from check" -l offline -d 'Use no network at all: a target in a registry is refused, and so is signing'
complete -c toolkit -n "__fish_toolkit_using_subcommand db; and __fish_seen_subcommand_from check" -s q -l quiet -d 'Print less: `-q` no notes and no progress, `-qq` no errors either'
complete -c toolkit -n "__fish_toolkit_using_subcommand db; and __fish_seen_subcommand_from check" -s v -l verbose -d 'Print more: `-v` what is done, `-vv` how, `-vvv` everything'
complete -c toolkit -n "__fish_toolkit_using_subcommand db; and __fish_seen_subcommand_from check" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c toolkit -n "__fish_toolkit_using_subcommand db; and __fish_seen_subcommand_from status" -s o -l output -d 'How to print the result' -r -f -a "text\t'For people'
json\t'For programs'"
complete -c toolkit -n "__fish_toolkit_using_subcommand db; and __fish_seen_subcommand_from status" -l db -d 'The database, as a folder that `db build -o` or `db export` wrote, with its digest unless this machine knows it; by default the installed one' -r
complete -c toolkit -n "__fish_toolkit_using_subcommand db; and __fish_seen_subcommand_from status" -l db-identity -d 'Trust the database of `--db` where this identity signed it, such as `kind=github,repository=OWNER/NAME,ref=refs/heads/main`; may be repeated, any one suffices' -r
complete -c toolkit -n "__fish_toolkit_using_subcommand db; and __fish_seen_subcommand_from status" -l trusted-root -d 'Judge by the trust root of this file instead of the embedded one of public Sigstore' -r -F
complete -c toolkit -n "__fish_toolkit_using_subcommand db; and __fish_seen_subcommand_from status" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` says otherwise'
always\t'Everywhere'
never\t'Nowhere'"
complete -c toolkit -n "__fish_toolkit_using_subcommand db; and __fish_seen_subcommand_from status" -s q -l quiet -d 'Print less: `-q` no notes and no progress, `-qq` no errors either'
complete -c toolkit -n "__fish_toolkit_using_subcommand db; and __fish_seen_subcommand_from status" -s v -l verbose -d 'Print more: `-v` what is done, `-vv` how, `-vvv` everything'
complete -c toolkit -n "__fish_toolkit_using_subcommand db; and __fish_seen_subcommand_from status" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c toolkit -n "__fish_toolkit_using_subcommand db; and __fish_seen_subcommand_from search" -s o -l output -d 'How to print the result' -r -f -a "text\t'For people'
json\t'For programs'"
complete -c toolkit -n "__fish_toolkit_using_subcommand db; and __fish_seen_subcommand_from search" -l db -d 'The database, as a folder that `db build -o` or `db export` wrote, with its digest unless this machine knows it; by default the installed one' -r
complete -c toolkit -n "__fish_toolkit_using_subcommand db; and __fish_seen_subcommand_from search" -l db-identity -d 'Trust the database of `--db` where this identity signed it, such as `kind=github,repository=OWNER/NAME,ref=refs/heads/main`; may be repeated, any one suffices' -r
complete -c toolkit -n "__fish_toolkit_using_subcommand db; and __fish_seen_subcommand_from search" -l trusted-root -d 'Judge by the trust root of this file instead of the embedded one of public Sigstore' -r -F
complete -c toolkit -n "__fish_toolkit_using_subcommand db; and __fish_seen_subcommand_from search" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` says otherwise'
always\t'Everywhere'
never\t'Nowhere'"
complete -c toolkit -n "__fish_toolkit_using_subcommand db; and __fish_seen_subcommand_from search" -s q -l quiet -d 'Print less: `-q` no notes and no progress, `-qq` no errors either'
complete -c toolkit -n "__fish_toolkit_using_subcommand db; and __fish_seen_subcommand_from search" -s v -l verbose -d 'Print more: `-v` what is done, `-vv` how, `-vvv` everything'
complete -c toolkit -n "__fish_toolkit_using_subcommand db; and __fish_seen_subcommand_from search" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c toolkit -n "__fish_toolkit_using_subcommand db; and __fish_seen_subcommand_from diff" -l db-identity -d 'Trust a database that this identity signed, as for `scan`; may be repeated, any one suffices' -r
complete -c toolkit -n "__fish_toolkit_using_subcommand db; and __fish_seen_subcommand_from diff" -s o -l output -d 'How to print the result' -r -f -a "text\t'For people'
json\t'For programs'"
complete -c toolkit -n "__fish_toolkit_using_subcommand db; and __fish_seen_subcommand_from diff" -l trusted-root -d 'Judge by the trust root of this file instead of the embedded one of public Sigstore' -r -F
complete -c toolkit -n "__fish_toolkit_using_subcommand db; and __fish_seen_subcommand_from diff" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` says otherwise'
always\t'Everywhere'
never\t'Nowhere'"
complete -c toolkit -n "__fish_toolkit_using_subcommand db; and __fish_seen_subcommand_from diff" -s q -l quiet -d 'Print less: `-q` no notes and no progress, `-qq` no errors either'
complete -c toolkit -n "__fish_toolkit_using_subcommand db; and __fish_seen_subcommand_from diff" -s v -l verbose -d 'Print more: `-v` what is done, `-vv` how, `-vvv` everything'
complete -c toolkit -n "__fish_toolkit_using_subcommand db; and __fish_seen_subcommand_from diff" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c toolkit -n "__fish_toolkit_using_subcommand db; and __fish_seen_subcommand_from import" -l db-identity -d 'Whose signature is wanted, as for `db update`; may be repeated, any one suffices' -r
complete -c toolkit -n "__fish_toolkit_using_subcommand db; and __fish_seen_subcommand_from import" -l max-age -d 'Refuse a database that is older, such as `5d` (the default) or `12h`' -r
complete -c toolkit -n "__fish_toolkit_using_subcommand db; and __fish_seen_subcommand_from import" -l trusted-root -d 'Judge by the trust root of this file instead of the embedded one of public Sigstore' -r -F
complete -c toolkit -n "__fish_toolkit_using_subcommand db; and __fish_seen_subcommand_from import" -l insecure-registry -d 'Speak plain HTTP to this registry (`host` or `host:port`); loopback needs no flag. Printed on every run' -r
complete -c toolkit -n "__fish_toolkit_using_subcommand db; and __fish_seen_subcommand_from import" -l ca-file -d 'Trust the certificates of this PEM file in addition to the system\'s' -r -F
complete -c toolkit -n "__fish_toolkit_using_subcommand db; and __fish_seen_subcommand_from import" -l limit -d 'Change a limit on foreign input, such as `layer-size=1073741824`' -r
complete -c toolkit -n "__fish_toolkit_using_subcommand db; and __fish_seen_subcommand_from import" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` says otherwise'
always\t'Everywhere'
never\t'Nowhere'"
complete -c toolkit -n "__fish_toolkit_using_subcommand db; and __fish_seen_subcommand_from import" -l offline -d 'Use no network at all: a target in a registry is refused, and so is signing'
complete -c toolkit -n "__fish_toolkit_using_subcommand db; and __fish_seen_subcommand_from import" -s q -l quiet -d 'Print less: `-q` no notes and no progress, `-qq` no errors either'
complete -c toolkit -n "__fish_toolkit_using_subcommand db; and __fish_seen_subcommand_from import" -s v -l verbose -d 'Print more: `-v` what is done, `-vv` how, `-vvv` everything'
complete -c toolkit -n "__fish_toolkit_using_subcommand db; and __fish_seen_subcommand_from import" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c toolkit -n "__fish_toolkit_using_subcommand db; and __fish_seen_subcommand_from export" -l db -d 'The database, as a folder that `db build -o` or `db export` wrote, with its digest unless this machine knows it; by default the installed one' -r
complete -c toolkit -n "__fish_toolkit_using_subcommand db; and __fish_seen_subcommand_from export" -l db-identity -d 'Trust the database of `--db` where this identity signed it, such as `kind=github,repository=OWNER/NAME,ref=refs/heads/main`; may be repeated, any one suffices' -r
complete -c toolkit -n "__fish_toolkit_using_subcommand db; and __fish_seen_subcommand_from export" -l trusted-root -d 'Judge by the trust root of this file instead of the embedded one of public Sigstore' -r -F
complete -c toolkit -n "__fish_toolkit_using_subcommand db; and __fish_seen_subcommand_from export" -l insecure-registry -d 'Speak plain HTTP to this registry (`host` or `host:port`); loopback needs no flag. Printed on every run' -r
complete -c toolkit -n "__fish_toolkit_using_subcommand db; and __fish_seen_subcommand_from export" -l ca-file -d 'Trust the certificates of this PEM file in addition to the system\'s' -r -F
complete -c toolkit -n "__fish_toolkit_using_subcommand db; and __fish_seen_subcommand_from export" -l limit -d 'Change a limit on foreign input, such as `layer-size=1073741824`' -r
complete -c toolkit -n "__fish_toolkit_using_subcommand db; and __fish_seen_subcommand_from export" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` says otherwise'
always\t'Everywhere'
never\t'Nowhere'"
complete -c toolkit -n "__fish_toolkit_using_subcommand db; and __fish_seen_subcommand_from export" -l offline -d 'Use no network at all: a target in a registry is refused, and so is signing'
complete -c toolkit -n "__fish_toolkit_using_subcommand db; and __fish_seen_subcommand_from export" -s q -l quiet -d 'Print less: `-q` no notes and no progress, `-qq` no errors either'
complete -c toolkit -n "__fish_toolkit_using_subcommand db; and __fish_seen_subcommand_from export" -s v -l verbose -d 'Print more: `-v` what is done, `-vv` how, `-vvv` everything'
complete -c toolkit -n "__fish_toolkit_using_subcommand db; and __fish_seen_subcommand_from export" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c toolkit -n "__fish_toolkit_using_subcommand db; and __fish_seen_subcommand_from gc" -l keep -d 'How many databases to keep beside the one that is used, newest first' -r
complete -c toolkit -n "__fish_toolkit_using_subcommand db; and __fish_seen_subcommand_from gc" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` says otherwise'
always\t'Everywhere'
never\t'Nowhere'"
complete -c toolkit -n "__fish_toolkit_using_subcommand db; and __fish_seen_subcommand_from gc" -s q -l quiet -d 'Print less: `-q` no notes and no progress, `-qq` no errors either'
complete -c toolkit -n "__fish_toolkit_using_subcommand db; and __fish_seen_subcommand_from gc" -s v -l verbose -d 'Print more: `-v` what is done, `-vv` how, `-vvv` everything'
complete -c toolkit -n "__fish_toolkit_using_subcommand db; and __fish_seen_subcommand_from gc" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c toolkit -n "__fish_toolkit_using_subcommand hook; and not __fish_seen_subcommand_from install uninstall run" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` says otherwise'
always\t'Everywhere'
never\t'Nowhere'"
complete -c toolkit -n "__fish_toolkit_using_subcommand hook; and not __fish_seen_subcommand_from install uninstall run" -s q -l quiet -d 'Print less: `-q` no notes and no progress, `-qq` no errors either'
complete -c toolkit -n "__fish_toolkit_using_subcommand hook; and not __fish_seen_subcommand_from install uninstall run" -s v -l verbose -d 'Print more: `-v` what is done, `-vv` how, `-vvv` everything'
complete -c toolkit -n "__fish_toolkit_using_subcommand hook; and not __fish_seen_subcommand_from install uninstall run" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c toolkit -n "__fish_toolkit_using_subcommand hook; and not __fish_seen_subcommand_from install uninstall run" -f -a "install" -d 'Make git run `toolkit hook run pre-push` before each push from this repository; a hook that is there is kept and runs first'
complete -c toolkit -n "__fish_toolkit_using_subcommand hook; and not __fish_seen_subcommand_from install uninstall run" -f -a "uninstall" -d 'Take the hook away and put back the one that was there before'
complete -c toolkit -n "__fish_toolkit_using_subcommand hook; and not __fish_seen_subcommand_from install uninstall run" -f -a "run" -d 'Do the work of a hook, as git or another manager of hooks calls it'
complete -c toolkit -n "__fish_toolkit_using_subcommand hook; and __fish_seen_subcommand_from install" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` says otherwise'
always\t'Everywhere'
never\t'Nowhere'"
complete -c toolkit -n "__fish_toolkit_using_subcommand hook; and __fish_seen_subcommand_from install" -s q -l quiet -d 'Print less: `-q` no notes and no progress, `-qq` no errors either'
complete -c toolkit -n "__fish_toolkit_using_subcommand hook; and __fish_seen_subcommand_from install" -s v -l verbose -d 'Print more: `-v` what is done, `-vv` how, `-vvv` everything'
complete -c toolkit -n "__fish_toolkit_using_subcommand hook; and __fish_seen_subcommand_from install" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c toolkit -n "__fish_toolkit_using_subcommand hook; and __fish_seen_subcommand_from uninstall" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` says otherwise'
always\t'Everywhere'
never\t'Nowhere'"
complete -c toolkit -n "__fish_toolkit_using_subcommand hook; and __fish_seen_subcommand_from uninstall" -s q -l quiet -d 'Print less: `-q` no notes and no progress, `-qq` no errors either'
complete -c toolkit -n "__fish_toolkit_using_subcommand hook; and __fish_seen_subcommand_from uninstall" -s v -l verbose -d 'Print more: `-v` what is done, `-vv` how, `-vvv` everything'
complete -c toolkit -n "__fish_toolkit_using_subcommand hook; and __fish_seen_subcommand_from uninstall" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c toolkit -n "__fish_toolkit_using_subcommand hook; and __fish_seen_subcommand_from run" -l fail-on -d 'Stop the push where it adds a finding of this severity or worse; malicious packages always count' -r -f -a "negligible\t'Of no practical effect'
low\t'Low'
medium\t'Medium'
high\t'High'
critical\t'Critical'"
complete -c toolkit -n "__fish_toolkit_using_subcommand hook; and __fish_seen_subcommand_from run" -l db -d 'The database, as a folder that `db build -o` or `db export` wrote, with its digest unless this machine knows it; by default the installed one' -r
complete -c toolkit -n "__fish_toolkit_using_subcommand hook; and __fish_seen_subcommand_from run" -l db-identity -d 'Trust the database of `--db` where this identity signed it, such as `kind=github,repository=OWNER/NAME,ref=refs/heads/main`; may be repeated, any one suffices' -r
complete -c toolkit -n "__fish_toolkit_using_subcommand hook; and __fish_seen_subcommand_from run" -l trusted-root -d 'Judge by the trust root of this file instead of the embedded one of public Sigstore' -r -F
complete -c toolkit -n "__fish_toolkit_using_subcommand hook; and __fish_seen_subcommand_from run" -l max-age -d 'Refuse a database that is older, such as `5d` or `12h`; by default 5d for one that was not built here' -r
complete -c toolkit -n "__fish_toolkit_using_subcommand hook; and __fish_seen_subcommand_from run" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` says otherwise'
always\t'Everywhere'
never\t'Nowhere'"
complete -c toolkit -n "__fish_toolkit_using_subcommand hook; and __fish_seen_subcommand_from run" -s q -l quiet -d 'Print less: `-q` no notes and no progress, `-qq` no errors either'
complete -c toolkit -n "__fish_toolkit_using_subcommand hook; and __fish_seen_subcommand_from run" -s v -l verbose -d 'Print more: `-v` what is done, `-vv` how, `-vvv` everything'
complete -c toolkit -n "__fish_toolkit_using_subcommand hook; and __fish_seen_subcommand_from run" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c toolkit -n "__fish_toolkit_using_subcommand vex; and not __fish_seen_subcommand_from create add" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` says otherwise'
always\t'Everywhere'
never\t'Nowhere'"
complete -c toolkit -n "__fish_toolkit_using_subcommand vex; and not __fish_seen_subcommand_from create add" -s q -l quiet -d 'Print less: `-q` no notes and no progress, `-qq` no errors either'
complete -c toolkit -n "__fish_toolkit_using_subcommand vex; and not __fish_seen_subcommand_from create add" -s v -l verbose -d 'Print more: `-v` what is done, `-vv` how, `-vvv` everything'
complete -c toolkit -n "__fish_toolkit_using_subcommand vex; and not __fish_seen_subcommand_from create add" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c toolkit -n "__fish_toolkit_using_subcommand vex; and not __fish_seen_subcommand_from create add" -f -a "create" -d 'Write a new OpenVEX document, from flags or from what a scan suppressed'
complete -c toolkit -n "__fish_toolkit_using_subcommand vex; and not __fish_seen_subcommand_from create add" -f -a "add" -d 'Add statements to an OpenVEX document, which becomes its next version'
complete -c toolkit -n "__fish_toolkit_using_subcommand vex; and __fish_seen_subcommand_from create" -l product -d 'The product that it is about, as a package URL (of an image: `pkg:oci/NAME@sha256%3A…`) or another IRI. May be repeated' -r
complete -c toolkit -n "__fish_toolkit_using_subcommand vex; and __fish_seen_subcommand_from create" -l subcomponent -d 'The component of the product that it is about, as a package URL. May be repeated' -r
complete -c toolkit -n "__fish_toolkit_using_subcommand vex; and __fish_seen_subcommand_from create" -l vuln -d 'The vulnerability, with other ids of it behind commas. May be repeated' -r
complete -c toolkit -n "__fish_toolkit_using_subcommand vex; and __fish_seen_subcommand_from create" -l status -d 'What is stated' -r -f -a "not_affected\t'The product does not have the vulnerability'
affected\t'It has'
fixed\t'It had'
under_investigation\t'Nobody knows yet'"
complete -c toolkit -n "__fish_toolkit_using_subcommand vex; and __fish_seen_subcommand_from create" -l justification -d 'Why it is not affected' -r -f -a "component_not_present\t''
vulnerable_code_not_present\t''
vulnerable_code_not_in_execute_path\t''
vulnerable_code_cannot_be_controlled_by_adversary\t''
inline_mitigations_already_exist\t''"
complete -c toolkit -n "__fish_toolkit_using_subcommand vex; and __fish_seen_subcommand_from create" -l impact-statement -d 'Why it is not affected, in words' -r
complete -c toolkit -n "__fish_toolkit_using_subcommand vex; and __fish_seen_subcommand_from create" -l action-statement -d 'What to do where it is affected' -r
complete -c toolkit -n "__fish_toolkit_using_subcommand vex; and __fish_seen_subcommand_from create" -l status-note -d 'How the status was found' -r
complete -c toolkit -n "__fish_toolkit_using_subcommand vex; and __fish_seen_subcommand_from create" -l from-scan -d 'State what this result of `scan -o json` suppressed, instead of `--vuln`: what the distribution says as it says it, what an ignore file hides with `--status`, or else as under investigation' -r -F
complete -c toolkit -n "__fish_toolkit_using_subcommand vex; and __fish_seen_subcommand_from create" -l author -d 'Who issues the document' -r
complete -c toolkit -n "__fish_toolkit_using_subcommand vex; and __fish_seen_subcommand_from create" -l role -d 'As what the author issues it, such as `Document Creator`' -r
complete -c toolkit -n "__fish_toolkit_using_subcommand vex; and __fish_seen_subcommand_from create" -l id -d 'The IRI of the document; by default one made of the digest of its content' -r
complete -c toolkit -n "__fish_toolkit_using_subcommand vex; and __fish_seen_subcommand_from create" -s o -l output -d 'Write to this file instead of stdout' -r -F
complete -c toolkit -n "__fish_toolkit_using_subcommand vex; and __fish_seen_subcommand_from create" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` says otherwise'
always\t'Everywhere'
never\t'Nowhere'"
complete -c toolkit -n "__fish_toolkit_using_subcommand vex; and __fish_seen_subcommand_from create" -s q -l quiet -d 'Print less: `-q` no notes and no progress, `-qq` no errors either'
complete -c toolkit -n "__fish_toolkit_using_subcommand vex; and __fish_seen_subcommand_from create" -s v -l verbose -d 'Print more: `-v` what is done, `-vv` how, `-vvv` everything'
complete -c toolkit -n "__fish_toolkit_using_subcommand vex; and __fish_seen_subcommand_from create" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c toolkit -n "__fish_toolkit_using_subcommand vex; and __fish_seen_subcommand_from add" -l product -d 'The product that it is about, as a package URL (of an image: `pkg:oci/NAME@sha256%3A…`) or another IRI. May be repeated' -r
complete -c toolkit -n "__fish_toolkit_using_subcommand vex; and __fish_seen_subcommand_from add" -l subcomponent -d 'The component of the product that it is about, as a package URL. May be repeated' -r
complete -c toolkit -n "__fish_toolkit_using_subcommand vex; and __fish_seen_subcommand_from add" -l vuln -d 'The vulnerability, with other ids of it behind commas. May be repeated' -r
complete -c toolkit -n "__fish_toolkit_using_subcommand vex; and __fish_seen_subcommand_from add" -l status -d 'What is stated' -r -f -a "not_affected\t'The product does not have the vulnerability'
affected\t'It has'
fixed\t'It had'
under_investigation\t'Nobody knows yet'"
complete -c toolkit -n "__fish_toolkit_using_subcommand vex; and __fish_seen_subcommand_from add" -l justification -d 'Why it is not affected' -r -f -a "component_not_present\t''
vulnerable_code_not_present\t''
vulnerable_code_not_in_execute_path\t''
vulnerable_code_cannot_be_controlled_by_adversary\t''
inline_mitigations_already_exist\t''"
complete -c toolkit -n "__fish_toolkit_using_subcommand vex; and __fish_seen_subcommand_from add" -l impact-statement -d 'Why it is not affected, in words' -r
complete -c toolkit -n "__fish_toolkit_using_subcommand vex; and __fish_seen_subcommand_from add" -l action-statement -d 'What to do where it is affected' -r
complete -c toolkit -n "__fish_toolkit_using_subcommand vex; and __fish_seen_subcommand_from add" -l status-note -d 'How the status was found' -r
complete -c toolkit -n "__fish_toolkit_using_subcommand vex; and __fish_seen_subcommand_from add" -s o -l output -d 'Write to this file instead' -r -F
complete -c toolkit -n "__fish_toolkit_using_subcommand vex; and __fish_seen_subcommand_from add" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` says otherwise'
always\t'Everywhere'
never\t'Nowhere'"
complete -c toolkit -n "__fish_toolkit_using_subcommand vex; and __fish_seen_subcommand_from add" -s q -l quiet -d 'Print less: `-q` no notes and no progress, `-qq` no errors either'
complete -c toolkit -n "__fish_toolkit_using_subcommand vex; and __fish_seen_subcommand_from add" -s v -l verbose -d 'Print more: `-v` what is done, `-vv` how, `-vvv` everything'
complete -c toolkit -n "__fish_toolkit_using_subcommand vex; and __fish_seen_subcommand_from add" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c toolkit -n "__fish_toolkit_using_subcommand sign" -l bundle -d 'Write the bundle of the one target also to this file; compulsory for `file:`' -r -F
complete -c toolkit -n "__fish_toolkit_using_subcommand sign" -l identity-token -d 'Sign as the holder of this OIDC token, or of the token in this file' -r
complete -c toolkit -n "__fish_toolkit_using_subcommand sign" -l key -d 'Sign with this private key (P-256, PKCS#8 PEM) instead of keyless' -r -F
complete -c toolkit -n "__fish_toolkit_using_subcommand sign" -l signing-config -d 'Use the services of this signing configuration instead of public Sigstore\'s' -r -F
complete -c toolkit -n "__fish_toolkit_using_subcommand sign" -l trusted-root -d 'Check the new signatures by the trust root of this file instead of the embedded one of public Sigstore' -r -F
complete -c toolkit -n "__fish_toolkit_using_subcommand sign" -l insecure-registry -d 'Speak plain HTTP to this registry (`host` or `host:port`); loopback needs no flag. Printed on every run' -r
complete -c toolkit -n "__fish_toolkit_using_subcommand sign" -l ca-file -d 'Trust the certificates of this PEM file in addition to the system\'s' -r -F
complete -c toolkit -n "__fish_toolkit_using_subcommand sign" -l limit -d 'Change a limit on foreign input, such as `layer-size=1073741824`' -r
complete -c toolkit -n "__fish_toolkit_using_subcommand sign" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` says otherwise'
always\t'Everywhere'
never\t'Nowhere'"
complete -c toolkit -n "__fish_toolkit_using_subcommand sign" -l offline -d 'Use no network at all: a target in a registry is refused, and so is signing'
complete -c toolkit -n "__fish_toolkit_using_subcommand sign" -s q -l quiet -d 'Print less: `-q` no notes and no progress, `-qq` no errors either'
complete -c toolkit -n "__fish_toolkit_using_subcommand sign" -s v -l verbose -d 'Print more: `-v` what is done, `-vv` how, `-vvv` everything'
complete -c toolkit -n "__fish_toolkit_using_subcommand sign" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c toolkit -n "__fish_toolkit_using_subcommand attest; and not __fish_seen_subcommand_from provenance" -l predicate -d 'The predicate to attach, as a JSON file; repeat it together with `--type`' -r -F
complete -c toolkit -n "__fish_toolkit_using_subcommand attest; and not __fish_seen_subcommand_from provenance" -l type -d 'The predicate\'s type: `cyclonedx`, `spdx`, `slsaprovenance1`, `vuln`, `openvex`, `link`, `custom`, or a URI' -r
complete -c toolkit -n "__fish_toolkit_using_subcommand attest; and not __fish_seen_subcommand_from provenance" -l bundle -d 'Write the bundle of a `file:` target, which takes one predicate, to this file' -r -F
complete -c toolkit -n "__fish_toolkit_using_subcommand attest; and not __fish_seen_subcommand_from provenance" -l platform -d 'The platform that an SBOM is about, where the document does not name it' -r
complete -c toolkit -n "__fish_toolkit_using_subcommand attest; and not __fish_seen_subcommand_from provenance" -l identity-token -d 'Sign as the holder of this OIDC token, or of the token in this file' -r
complete -c toolkit -n "__fish_toolkit_using_subcommand attest; and not __fish_seen_subcommand_from provenance" -l key -d 'Sign with this private key (P-256, PKCS#8 PEM) instead of keyless' -r -F
complete -c toolkit -n "__fish_toolkit_using_subcommand attest; and not __fish_seen_subcommand_from provenance" -l signing-config -d 'Use the services of this signing configuration instead of public Sigstore\'s' -r -F
complete -c toolkit -n "__fish_toolkit_using_subcommand attest; and not __fish_seen_subcommand_from provenance" -l trusted-root -d 'Check the new signatures by the trust root of this file instead of the embedded one of public Sigstore' -r -F
complete -c toolkit -n "__fish_toolkit_using_subcommand attest; and not __fish_seen_subcommand_from provenance" -l insecure-registry -d 'Speak plain HTTP to this registry (`host` or `host:port`); loopback needs no flag. Printed on every run' -r
complete -c toolkit -n "__fish_toolkit_using_subcommand attest; and not __fish_seen_subcommand_from provenance" -l ca-file -d 'Trust the certificates of this PEM file in addition to the system\'s' -r -F
complete -c toolkit -n "__fish_toolkit_using_subcommand attest; and not __fish_seen_subcommand_from provenance" -l limit -d 'Change a limit on foreign input, such as `layer-size=1073741824`' -r
complete -c toolkit -n "__fish_toolkit_using_subcommand attest; and not __fish_seen_subcommand_from provenance" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` says otherwise'
always\t'Everywhere'
never\t'Nowhere'"
complete -c toolkit -n "__fish_toolkit_using_subcommand attest; and not __fish_seen_subcommand_from provenance" -l offline -d 'Use no network at all: a target in a registry is refused, and so is signing'
complete -c toolkit -n "__fish_toolkit_using_subcommand attest; and not __fish_seen_subcommand_from provenance" -s q -l quiet -d 'Print less: `-q` no notes and no progress, `-qq` no errors either'
complete -c toolkit -n "__fish_toolkit_using_subcommand attest; and not __fish_seen_subcommand_from provenance" -s v -l verbose -d 'Print more: `-v` what is done, `-vv` how, `-vvv` everything'
complete -c toolkit -n "__fish_toolkit_using_subcommand attest; and not __fish_seen_subcommand_from provenance" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c toolkit -n "__fish_toolkit_using_subcommand attest; and not __fish_seen_subcommand_from provenance" -a "provenance" -d 'Attest how the image was built, from the facts of the CI system or of this machine (SLSA provenance v1)'
complete -c toolkit -n "__fish_toolkit_using_subcommand attest; and __fish_seen_subcommand_from provenance" -l identity-token -d 'Sign as the holder of this OIDC token, or of the token in this file' -r
complete -c toolkit -n "__fish_toolkit_using_subcommand attest; and __fish_seen_subcommand_from provenance" -l key -d 'Sign with this private key (P-256, PKCS#8 PEM) instead of keyless' -r -F
complete -c toolkit -n "__fish_toolkit_using_subcommand attest; and __fish_seen_subcommand_from provenance" -l signing-config -d 'Use the services of this signing configuration instead of public Sigstore\'s' -r -F
complete -c toolkit -n "__fish_toolkit_using_subcommand attest; and __fish_seen_subcommand_from provenance" -l trusted-root -d 'Check the new signatures by the trust root of this file instead of the embedded one of public Sigstore' -r -F
complete -c toolkit -n "__fish_toolkit_using_subcommand attest; and __fish_seen_subcommand_from provenance" -l insecure-registry -d 'Speak plain HTTP to this registry (`host` or `host:port`); loopback needs no flag. Printed on every run' -r
complete -c toolkit -n "__fish_toolkit_using_subcommand attest; and __fish_seen_subcommand_from provenance" -l ca-file -d 'Trust the certificates of this PEM file in addition to the system\'s' -r -F
complete -c toolkit -n "__fish_toolkit_using_subcommand attest; and __fish_seen_subcommand_from provenance" -l limit -d 'Change a limit on foreign input, such as `layer-size=1073741824`' -r
complete -c toolkit -n "__fish_toolkit_using_subcommand attest; and __fish_seen_subcommand_from provenance" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` says otherwise'
always\t'Everywhere'
never\t'Nowhere'"
complete -c toolkit -n "__fish_toolkit_using_subcommand attest; and __fish_seen_subcommand_from provenance" -l offline -d 'Use no network at all: a target in a registry is refused, and so is signing'
complete -c toolkit -n "__fish_toolkit_using_subcommand attest; and __fish_seen_subcommand_from provenance" -s q -l quiet -d 'Print less: `-q` no notes and no progress, `-qq` no errors either'
complete -c toolkit -n "__fish_toolkit_using_subcommand attest; and __fish_seen_subcommand_from provenance" -s v -l verbose -d 'Print more: `-v` what is done, `-vv` how, `-vvv` everything'
complete -c toolkit -n "__fish_toolkit_using_subcommand attest; and __fish_seen_subcommand_from provenance" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c toolkit -n "__fish_toolkit_using_subcommand verify" -l policy -d 'Judge by this policy file' -r -F
complete -c toolkit -n "__fish_toolkit_using_subcommand verify" -l certificate-identity -d 'The identity in the certificate, exactly' -r
complete -c toolkit -n "__fish_toolkit_using_subcommand verify" -l certificate-identity-regexp -d 'A regular expression for the whole identity in the certificate' -r
complete -c toolkit -n "__fish_toolkit_using_subcommand verify" -l certificate-oidc-issuer -d 'The issuer of the identity, exactly' -r
complete -c toolkit -n "__fish_toolkit_using_subcommand verify" -l certificate-oidc-issuer-regexp -d 'A regular expression for the whole issuer of the identity' -r
complete -c toolkit -n "__fish_toolkit_using_subcommand verify" -l key -d 'The public key (P-256, PEM) that must have signed' -r -F
complete -c toolkit -n "__fish_toolkit_using_subcommand verify" -l type -d 'Check attestations of this type instead of the signature: a name such as `cyclonedx`, or a URI. May be repeated' -r
complete -c toolkit -n "__fish_toolkit_using_subcommand verify" -l bundle -d 'A bundle to read as evidence; compulsory for `file:`, one more beside those of an image' -r -F
complete -c toolkit -n "__fish_toolkit_using_subcommand verify" -l trusted-root -d 'Judge by the trust root of this file instead of the embedded one of public Sigstore' -r -F
complete -c toolkit -n "__fish_toolkit_using_subcommand verify" -l db -d 'The database, as a folder that `db build -o` or `db export` wrote, with its digest unless this machine knows it; by default the installed one' -r
complete -c toolkit -n "__fish_toolkit_using_subcommand verify" -l db-identity -d 'Trust the database of `--db` where this identity signed it, such as `kind=github,repository=OWNER/NAME,ref=refs/heads/main`; may be repeated, any one suffices' -r
complete -c toolkit -n "__fish_toolkit_using_subcommand verify" -s o -l output -d 'How to print the verdict' -r -f -a "text\t'For people: the verdict first'
json\t'For programs'"
complete -c toolkit -n "__fish_toolkit_using_subcommand verify" -l insecure-registry -d 'Speak plain HTTP to this registry (`host` or `host:port`); loopback needs no flag. Printed on every run' -r
complete -c toolkit -n "__fish_toolkit_using_subcommand verify" -l ca-file -d 'Trust the certificates of this PEM file in addition to the system\'s' -r -F
complete -c toolkit -n "__fish_toolkit_using_subcommand verify" -l limit -d 'Change a limit on foreign input, such as `layer-size=1073741824`' -r
complete -c toolkit -n "__fish_toolkit_using_subcommand verify" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` says otherwise'
always\t'Everywhere'
never\t'Nowhere'"
complete -c toolkit -n "__fish_toolkit_using_subcommand verify" -l offline -d 'Use no network at all: a target in a registry is refused, and so is signing'
complete -c toolkit -n "__fish_toolkit_using_subcommand verify" -s q -l quiet -d 'Print less: `-q` no notes and no progress, `-qq` no errors either'
complete -c toolkit -n "__fish_toolkit_using_subcommand verify" -s v -l verbose -d 'Print more: `-v` what is done, `-vv` how, `-vvv` everything'
complete -c toolkit -n "__fish_toolkit_using_subcommand verify" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c toolkit -n "__fish_toolkit_using_subcommand promote" -l policy -d 'The policy that must allow the image' -r -F
complete -c toolkit -n "__fish_toolkit_using_subcommand promote" -l trusted-root -d 'Judge by the trust root of this file instead of the embedded one of public Sigstore' -r -F
complete -c toolkit -n "__fish_toolkit_using_subcommand promote" -l db -d 'The database, as a folder that `db build -o` or `db export` wrote, with its digest unless this machine knows it; by default the installed one' -r
complete -c toolkit -n "__fish_toolkit_using_subcommand promote" -l db-identity -d 'Trust the database of `--db` where this identity signed it, such as `kind=github,repository=OWNER/NAME,ref=refs/heads/main`; may be repeated, any one suffices' -r
complete -c toolkit -n "__fish_toolkit_using_subcommand promote" -s o -l output -d 'How to print the verdict' -r -f -a "text\t'For people: the verdict first'
json\t'For programs'"
complete -c toolkit -n "__fish_toolkit_using_subcommand promote" -l insecure-registry -d 'Speak plain HTTP to this registry (`host` or `host:port`); loopback needs no flag. Printed on every run' -r
complete -c toolkit -n "__fish_toolkit_using_subcommand promote" -l ca-file -d 'Trust the certificates of this PEM file in addition to the system\'s' -r -F
complete -c toolkit -n "__fish_toolkit_using_subcommand promote" -l limit -d 'Change a limit on foreign input, such as `layer-size=1073741824`' -r
complete -c toolkit -n "__fish_toolkit_using_subcommand promote" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` says otherwise'
always\t'Everywhere'
never\t'Nowhere'"
complete -c toolkit -n "__fish_toolkit_using_subcommand promote" -l force -d 'Move DST\'s tag even where it names another image'
complete -c toolkit -n "__fish_toolkit_using_subcommand promote" -l offline -d 'Use no network at all: a target in a registry is refused, and so is signing'
complete -c toolkit -n "__fish_toolkit_using_subcommand promote" -s q -l quiet -d 'Print less: `-q` no notes and no progress, `-qq` no errors either'
complete -c toolkit -n "__fish_toolkit_using_subcommand promote" -s v -l verbose -d 'Print more: `-v` what is done, `-vv` how, `-vvv` everything'
complete -c toolkit -n "__fish_toolkit_using_subcommand promote" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c toolkit -n "__fish_toolkit_using_subcommand tree" -l trusted-root -d 'Judge by the trust root of this file instead of the embedded one of public Sigstore' -r -F
complete -c toolkit -n "__fish_toolkit_using_subcommand tree" -l key -d 'A public key (P-256, PEM) to verify signatures without a certificate with; may be repeated' -r -F
complete -c toolkit -n "__fish_toolkit_using_subcommand tree" -s o -l output -d 'How to print the graph' -r -f -a "text\t'For people: the verdict first'
json\t'For programs'"
complete -c toolkit -n "__fish_toolkit_using_subcommand tree" -l insecure-registry -d 'Speak plain HTTP to this registry (`host` or `host:port`); loopback needs no flag. Printed on every run' -r
complete -c toolkit -n "__fish_toolkit_using_subcommand tree" -l ca-file -d 'Trust the certificates of this PEM file in addition to the system\'s' -r -F
complete -c toolkit -n "__fish_toolkit_using_subcommand tree" -l limit -d 'Change a limit on foreign input, such as `layer-size=1073741824`' -r
complete -c toolkit -n "__fish_toolkit_using_subcommand tree" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` says otherwise'
always\t'Everywhere'
never\t'Nowhere'"
complete -c toolkit -n "__fish_toolkit_using_subcommand tree" -l offline -d 'Use no network at all: a target in a registry is refused, and so is signing'
complete -c toolkit -n "__fish_toolkit_using_subcommand tree" -s q -l quiet -d 'Print less: `-q` no notes and no progress, `-qq` no errors either'
complete -c toolkit -n "__fish_toolkit_using_subcommand tree" -s v -l verbose -d 'Print more: `-v` what is done, `-vv` how, `-vvv` everything'
complete -c toolkit -n "__fish_toolkit_using_subcommand tree" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c toolkit -n "__fish_toolkit_using_subcommand policy; and not __fish_seen_subcommand_from check" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` says otherwise'
always\t'Everywhere'
never\t'Nowhere'"
complete -c toolkit -n "__fish_toolkit_using_subcommand policy; and not __fish_seen_subcommand_from check" -s q -l quiet -d 'Print less: `-q` no notes and no progress, `-qq` no errors either'
complete -c toolkit -n "__fish_toolkit_using_subcommand policy; and not __fish_seen_subcommand_from check" -s v -l verbose -d 'Print more: `-v` what is done, `-vv` how, `-vvv` everything'
complete -c toolkit -n "__fish_toolkit_using_subcommand policy; and not __fish_seen_subcommand_from check" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c toolkit -n "__fish_toolkit_using_subcommand policy; and not __fish_seen_subcommand_from check" -f -a "check" -d 'Check a policy file and show all of its faults'
complete -c toolkit -n "__fish_toolkit_using_subcommand policy; and __fish_seen_subcommand_from check" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` says otherwise'
always\t'Everywhere'
never\t'Nowhere'"
complete -c toolkit -n "__fish_toolkit_using_subcommand policy; and __fish_seen_subcommand_from check" -s q -l quiet -d 'Print less: `-q` no notes and no progress, `-qq` no errors either'
complete -c toolkit -n "__fish_toolkit_using_subcommand policy; and __fish_seen_subcommand_from check" -s v -l verbose -d 'Print more: `-v` what is done, `-vv` how, `-vvv` everything'
complete -c toolkit -n "__fish_toolkit_using_subcommand policy; and __fish_seen_subcommand_from check" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c toolkit -n "__fish_toolkit_using_subcommand explain" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` says otherwise'
always\t'Everywhere'
never\t'Nowhere'"
complete -c toolkit -n "__fish_toolkit_using_subcommand explain" -s q -l quiet -d 'Print less: `-q` no notes and no progress, `-qq` no errors either'
complete -c toolkit -n "__fish_toolkit_using_subcommand explain" -s v -l verbose -d 'Print more: `-v` what is done, `-vv` how, `-vvv` everything'
complete -c toolkit -n "__fish_toolkit_using_subcommand explain" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c toolkit -n "__fish_toolkit_using_subcommand completions" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` says otherwise'
always\t'Everywhere'
never\t'Nowhere'"
complete -c toolkit -n "__fish_toolkit_using_subcommand completions" -s q -l quiet -d 'Print less: `-q` no notes and no progress, `-qq` no errors either'
complete -c toolkit -n "__fish_toolkit_using_subcommand completions" -s v -l verbose -d 'Print more: `-v` what is done, `-vv` how, `-vvv` everything'
complete -c toolkit -n "__fish_toolkit_using_subcommand completions" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c toolkit -n "__fish_toolkit_using_subcommand man" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` says otherwise'
always\t'Everywhere'
never\t'Nowhere'"
complete -c toolkit -n "__fish_toolkit_using_subcommand man" -s q -l quiet -d 'Print less: `-q` no notes and no progress, `-qq` no errors either'
complete -c toolkit -n "__fish_toolkit_using_subcommand man" -s v -l verbose -d 'Print more: `-v` what is done, `-vv` how, `-vvv` everything'
complete -c toolkit -n "__fish_toolkit_using_subcommand man" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c toolkit -n "__fish_toolkit_using_subcommand version" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` says otherwise'
always\t'Everywhere'
never\t'Nowhere'"
complete -c toolkit -n "__fish_toolkit_using_subcommand version" -s q -l quiet -d 'Print less: `-q` no notes and no progress, `-qq` no errors either'
complete -c toolkit -n "__fish_toolkit_using_subcommand version" -s v -l verbose -d 'Print more: `-v` what is done, `-vv` how, `-vvv` everything'
complete -c toolkit -n "__fish_toolkit_using_subcommand version" -s h -l help -d 'Print help (see more with \'--help\')'
