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
complete -c toolkit -n "__fish_toolkit_needs_command" -f -a "explain" -d 'Explain an exit code'
complete -c toolkit -n "__fish_toolkit_needs_command" -f -a "completions" -d 'Print a completion script for a shell'
complete -c toolkit -n "__fish_toolkit_needs_command" -f -a "man" -d 'Print the manual page'
complete -c toolkit -n "__fish_toolkit_needs_command" -f -a "version" -d 'Print the version'
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
