
use builtin;
use str;

set edit:completion:arg-completer[toolkit] = {|@words|
    fn spaces {|n|
        builtin:repeat $n ' ' | str:join ''
    }
    fn cand {|text desc|
        edit:complex-candidate $text &display=$text' '(spaces (- 14 (wcswidth $text)))$desc
    }
    var command = 'toolkit'
    for word $words[1..-1] {
        if (str:has-prefix $word '-') {
            break
        }
        set command = $command';'$word
    }
    var completions = [
        &'toolkit'= {
            cand --color 'When to use colour'
            cand -q 'Print less: `-q` no notes and no progress, `-qq` no errors either'
            cand --quiet 'Print less: `-q` no notes and no progress, `-qq` no errors either'
            cand -v 'Print more: `-v` what is done, `-vv` how, `-vvv` everything'
            cand --verbose 'Print more: `-v` what is done, `-vv` how, `-vvv` everything'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
            cand sbom 'Write a software bill of materials'
            cand sign 'Sign images or files'
            cand attest 'Attach predicates to an image, signed'
            cand verify 'Judge an image or file by a policy or an identity'
            cand promote 'Judge an image by a policy and, where it is allowed, move it with all of its evidence'
            cand tree 'Show the evidence of an image as a graph'
            cand policy 'Work on policy files'
            cand explain 'Explain an exit code'
            cand completions 'Print a completion script for a shell'
            cand man 'Print the manual page'
            cand version 'Print the version'
        }
        &'toolkit;sbom'= {
            cand -o 'Write this format: `table`, `cyclonedx-json`, `spdx-json`, `purls`; to stdout, or to FILE. May be repeated'
            cand --output 'Write this format: `table`, `cyclonedx-json`, `spdx-json`, `purls`; to stdout, or to FILE. May be repeated'
            cand --platform 'The platform to read of a multi-platform image; by default this machine''s'
            cand --insecure-registry 'Speak plain HTTP to this registry (`host` or `host:port`); loopback needs no flag. Printed on every run'
            cand --ca-file 'Trust the certificates of this PEM file in addition to the system''s'
            cand --limit 'Change a limit on foreign input, such as `layer-size=1073741824`'
            cand --color 'When to use colour'
            cand --offline 'Use no network at all: a target in a registry is refused'
            cand -q 'Print less: `-q` no notes and no progress, `-qq` no errors either'
            cand --quiet 'Print less: `-q` no notes and no progress, `-qq` no errors either'
            cand -v 'Print more: `-v` what is done, `-vv` how, `-vvv` everything'
            cand --verbose 'Print more: `-v` what is done, `-vv` how, `-vvv` everything'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'toolkit;sign'= {
            cand --bundle 'Write the bundle of the one target also to this file; compulsory for `file:`'
            cand --identity-token 'Sign as the holder of this OIDC token, or of the token in this file'
            cand --key 'Sign with this private key (P-256, PKCS#8 PEM) instead of keyless'
            cand --signing-config 'Use the services of this signing configuration instead of public Sigstore''s'
            cand --trusted-root 'Check the new signatures by the trust root of this file instead of the embedded one of public Sigstore'
            cand --insecure-registry 'Speak plain HTTP to this registry (`host` or `host:port`); loopback needs no flag. Printed on every run'
            cand --ca-file 'Trust the certificates of this PEM file in addition to the system''s'
            cand --limit 'Change a limit on foreign input, such as `layer-size=1073741824`'
            cand --color 'When to use colour'
            cand -q 'Print less: `-q` no notes and no progress, `-qq` no errors either'
            cand --quiet 'Print less: `-q` no notes and no progress, `-qq` no errors either'
            cand -v 'Print more: `-v` what is done, `-vv` how, `-vvv` everything'
            cand --verbose 'Print more: `-v` what is done, `-vv` how, `-vvv` everything'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'toolkit;attest'= {
            cand --predicate 'The predicate to attach, as a JSON file; repeat it together with `--type`'
            cand --type 'The predicate''s type: `cyclonedx`, `spdx`, `slsaprovenance1`, `vuln`, `openvex`, `link`, `custom`, or a URI'
            cand --bundle 'Write the bundle of a `file:` target, which takes one predicate, to this file'
            cand --platform 'The platform that an SBOM is about, where the document does not name it'
            cand --identity-token 'Sign as the holder of this OIDC token, or of the token in this file'
            cand --key 'Sign with this private key (P-256, PKCS#8 PEM) instead of keyless'
            cand --signing-config 'Use the services of this signing configuration instead of public Sigstore''s'
            cand --trusted-root 'Check the new signatures by the trust root of this file instead of the embedded one of public Sigstore'
            cand --insecure-registry 'Speak plain HTTP to this registry (`host` or `host:port`); loopback needs no flag. Printed on every run'
            cand --ca-file 'Trust the certificates of this PEM file in addition to the system''s'
            cand --limit 'Change a limit on foreign input, such as `layer-size=1073741824`'
            cand --color 'When to use colour'
            cand -q 'Print less: `-q` no notes and no progress, `-qq` no errors either'
            cand --quiet 'Print less: `-q` no notes and no progress, `-qq` no errors either'
            cand -v 'Print more: `-v` what is done, `-vv` how, `-vvv` everything'
            cand --verbose 'Print more: `-v` what is done, `-vv` how, `-vvv` everything'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand provenance 'Attest how the image was built, from the facts of the CI system or of this machine (SLSA provenance v1)'
        }
        &'toolkit;attest;provenance'= {
            cand --identity-token 'Sign as the holder of this OIDC token, or of the token in this file'
            cand --key 'Sign with this private key (P-256, PKCS#8 PEM) instead of keyless'
            cand --signing-config 'Use the services of this signing configuration instead of public Sigstore''s'
            cand --trusted-root 'Check the new signatures by the trust root of this file instead of the embedded one of public Sigstore'
            cand --insecure-registry 'Speak plain HTTP to this registry (`host` or `host:port`); loopback needs no flag. Printed on every run'
            cand --ca-file 'Trust the certificates of this PEM file in addition to the system''s'
            cand --limit 'Change a limit on foreign input, such as `layer-size=1073741824`'
            cand --color 'When to use colour'
            cand -q 'Print less: `-q` no notes and no progress, `-qq` no errors either'
            cand --quiet 'Print less: `-q` no notes and no progress, `-qq` no errors either'
            cand -v 'Print more: `-v` what is done, `-vv` how, `-vvv` everything'
            cand --verbose 'Print more: `-v` what is done, `-vv` how, `-vvv` everything'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'toolkit;verify'= {
            cand --policy 'Judge by this policy file'
            cand --certificate-identity 'The identity in the certificate, exactly'
            cand --certificate-identity-regexp 'A regular expression for the whole identity in the certificate'
            cand --certificate-oidc-issuer 'The issuer of the identity, exactly'
            cand --certificate-oidc-issuer-regexp 'A regular expression for the whole issuer of the identity'
            cand --key 'The public key (P-256, PEM) that must have signed'
            cand --type 'Check attestations of this type instead of the signature: a name such as `cyclonedx`, or a URI. May be repeated'
            cand --bundle 'A bundle to read as evidence; compulsory for `file:`, one more beside those of an image'
            cand --trusted-root 'Judge by the trust root of this file instead of the embedded one of public Sigstore'
            cand -o 'How to print the verdict'
            cand --output 'How to print the verdict'
            cand --insecure-registry 'Speak plain HTTP to this registry (`host` or `host:port`); loopback needs no flag. Printed on every run'
            cand --ca-file 'Trust the certificates of this PEM file in addition to the system''s'
            cand --limit 'Change a limit on foreign input, such as `layer-size=1073741824`'
            cand --color 'When to use colour'
            cand --offline 'Use no network at all: a target in a registry is refused'
            cand -q 'Print less: `-q` no notes and no progress, `-qq` no errors either'
            cand --quiet 'Print less: `-q` no notes and no progress, `-qq` no errors either'
            cand -v 'Print more: `-v` what is done, `-vv` how, `-vvv` everything'
            cand --verbose 'Print more: `-v` what is done, `-vv` how, `-vvv` everything'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'toolkit;promote'= {
            cand --policy 'The policy that must allow the image'
            cand --trusted-root 'Judge by the trust root of this file instead of the embedded one of public Sigstore'
            cand -o 'How to print the verdict'
            cand --output 'How to print the verdict'
            cand --insecure-registry 'Speak plain HTTP to this registry (`host` or `host:port`); loopback needs no flag. Printed on every run'
            cand --ca-file 'Trust the certificates of this PEM file in addition to the system''s'
            cand --limit 'Change a limit on foreign input, such as `layer-size=1073741824`'
            cand --color 'When to use colour'
            cand --force 'Move DST''s tag even where it names another image'
            cand -q 'Print less: `-q` no notes and no progress, `-qq` no errors either'
            cand --quiet 'Print less: `-q` no notes and no progress, `-qq` no errors either'
            cand -v 'Print more: `-v` what is done, `-vv` how, `-vvv` everything'
            cand --verbose 'Print more: `-v` what is done, `-vv` how, `-vvv` everything'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'toolkit;tree'= {
            cand --trusted-root 'Judge by the trust root of this file instead of the embedded one of public Sigstore'
            cand --key 'A public key (P-256, PEM) to verify signatures without a certificate with; may be repeated'
            cand -o 'How to print the graph'
            cand --output 'How to print the graph'
            cand --insecure-registry 'Speak plain HTTP to this registry (`host` or `host:port`); loopback needs no flag. Printed on every run'
            cand --ca-file 'Trust the certificates of this PEM file in addition to the system''s'
            cand --limit 'Change a limit on foreign input, such as `layer-size=1073741824`'
            cand --color 'When to use colour'
            cand --offline 'Use no network at all: a target in a registry is refused'
            cand -q 'Print less: `-q` no notes and no progress, `-qq` no errors either'
            cand --quiet 'Print less: `-q` no notes and no progress, `-qq` no errors either'
            cand -v 'Print more: `-v` what is done, `-vv` how, `-vvv` everything'
            cand --verbose 'Print more: `-v` what is done, `-vv` how, `-vvv` everything'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'toolkit;policy'= {
            cand --color 'When to use colour'
            cand -q 'Print less: `-q` no notes and no progress, `-qq` no errors either'
            cand --quiet 'Print less: `-q` no notes and no progress, `-qq` no errors either'
            cand -v 'Print more: `-v` what is done, `-vv` how, `-vvv` everything'
            cand --verbose 'Print more: `-v` what is done, `-vv` how, `-vvv` everything'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand check 'Check a policy file and show all of its faults'
        }
        &'toolkit;policy;check'= {
            cand --color 'When to use colour'
            cand -q 'Print less: `-q` no notes and no progress, `-qq` no errors either'
            cand --quiet 'Print less: `-q` no notes and no progress, `-qq` no errors either'
            cand -v 'Print more: `-v` what is done, `-vv` how, `-vvv` everything'
            cand --verbose 'Print more: `-v` what is done, `-vv` how, `-vvv` everything'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'toolkit;explain'= {
            cand --color 'When to use colour'
            cand -q 'Print less: `-q` no notes and no progress, `-qq` no errors either'
            cand --quiet 'Print less: `-q` no notes and no progress, `-qq` no errors either'
            cand -v 'Print more: `-v` what is done, `-vv` how, `-vvv` everything'
            cand --verbose 'Print more: `-v` what is done, `-vv` how, `-vvv` everything'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'toolkit;completions'= {
            cand --color 'When to use colour'
            cand -q 'Print less: `-q` no notes and no progress, `-qq` no errors either'
            cand --quiet 'Print less: `-q` no notes and no progress, `-qq` no errors either'
            cand -v 'Print more: `-v` what is done, `-vv` how, `-vvv` everything'
            cand --verbose 'Print more: `-v` what is done, `-vv` how, `-vvv` everything'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'toolkit;man'= {
            cand --color 'When to use colour'
            cand -q 'Print less: `-q` no notes and no progress, `-qq` no errors either'
            cand --quiet 'Print less: `-q` no notes and no progress, `-qq` no errors either'
            cand -v 'Print more: `-v` what is done, `-vv` how, `-vvv` everything'
            cand --verbose 'Print more: `-v` what is done, `-vv` how, `-vvv` everything'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'toolkit;version'= {
            cand --color 'When to use colour'
            cand -q 'Print less: `-q` no notes and no progress, `-qq` no errors either'
            cand --quiet 'Print less: `-q` no notes and no progress, `-qq` no errors either'
            cand -v 'Print more: `-v` what is done, `-vv` how, `-vvv` everything'
            cand --verbose 'Print more: `-v` what is done, `-vv` how, `-vvv` everything'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
    ]
    $completions[$command]
}
