
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
            cand explain 'Explain an exit code'
            cand completions 'Print a completion script for a shell'
            cand man 'Print the manual page'
            cand version 'Print the version'
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
