//! Files that the binary generates: committed, and compared with what it generates now.

use crate::binary::{assert_file, repository, run};

/// Lists the commands that users see.
const COMMANDS: [&[&str]; 33] = [
    &[],
    &["sbom"],
    &["scan"],
    &["db"],
    &["db", "fetch"],
    &["db", "build"],
    &["db", "status"],
    &["db", "update"],
    &["db", "check"],
    &["db", "diff"],
    &["db", "import"],
    &["db", "export"],
    &["db", "gc"],
    &["db", "search"],
    &["vex"],
    &["vex", "create"],
    &["vex", "add"],
    &["hook"],
    &["hook", "install"],
    &["hook", "uninstall"],
    &["hook", "run"],
    &["sign"],
    &["attest"],
    &["attest", "provenance"],
    &["verify"],
    &["promote"],
    &["tree"],
    &["policy"],
    &["policy", "check"],
    &["explain"],
    &["completions"],
    &["man"],
    &["version"],
];

#[test]
fn completions_are_those_of_this_command_line() {
    for (shell, file) in [
        ("bash", "toolkit.bash"),
        ("elvish", "toolkit.elv"),
        ("fish", "toolkit.fish"),
        ("powershell", "_toolkit.ps1"),
        ("zsh", "_toolkit"),
    ] {
        let run = run(["completions", shell]);
        assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{shell}");
        assert!(run.stdout.contains("explain"), "{shell}");
        assert_file(&repository("completions").join(file), &run.stdout);
    }
}

#[test]
fn the_pages_of_codes_are_the_tables_in_the_code() {
    for page in ["exit-codes", "reason-codes"] {
        let run = run(["explain", page]);
        assert_eq!((run.code, run.stderr.as_str()), (0, ""));
        assert_file(&repository("docs").join(format!("{page}.md")), &run.stdout);
    }
}

#[test]
fn help_texts() {
    for command in COMMANDS {
        let run = run(command.iter().copied().chain(["--help"]));
        assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{command:?}");
        let name = if command.is_empty() {
            "toolkit".to_owned()
        } else {
            command.join("-")
        };
        assert_file(
            &repository("crates/cli/tests/it/help").join(format!("{name}.txt")),
            &run.stdout,
        );
    }
}

#[test]
fn no_command_is_without_its_help_snapshot() {
    let help = run(["--help"]).stdout;
    let listed: Vec<&str> = help
        .lines()
        .skip_while(|line| !line.starts_with("Commands:"))
        .skip(1)
        .take_while(|line| !line.is_empty())
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    for command in &listed {
        assert!(
            COMMANDS.contains(&[*command].as_slice()),
            "`{command}` has no help snapshot"
        );
    }
    let top_level = COMMANDS.iter().filter(|command| command.len() == 1).count();
    assert_eq!(listed.len(), top_level, "{listed:?}");
}

#[test]
fn every_command_has_a_manual_page() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let run = run([std::ffi::OsStr::new("man"), directory.path().as_os_str()]);
    assert_eq!(
        (run.code, run.stdout.as_str(), run.stderr.as_str()),
        (0, "", "")
    );
    for command in COMMANDS {
        let name = ["toolkit"]
            .iter()
            .chain(command.iter())
            .copied()
            .collect::<Vec<_>>()
            .join("-");
        let page =
            fs_err::read_to_string(directory.path().join(format!("{name}.1"))).expect("the page");
        assert!(page.contains(".TH"), "{name}");
        assert!(page.contains("toolkit"), "{name}");
    }
    let first = crate::binary::run(["man"]);
    assert_eq!(
        first.stdout,
        fs_err::read_to_string(directory.path().join("toolkit.1")).expect("the first page")
    );
}
