//! The hook itself: a shell script that git runs, also on Windows, where git brings a shell.
//!
//! It keeps what git writes to stdin for both hooks. Without a `toolkit` to run it warns and lets the push go on: it cannot know what the
//! project demands.

/// Returns the script; `program` is where `toolkit` is, for a shell without the user's `PATH`.
pub(super) fn script(program: Option<&str>) -> String {
    let program = program.map(quoted).unwrap_or_default();
    format!(
        r#"{BEGINNING}
# It goes with `toolkit hook uninstall`. A hook that was here before is {KEPT}; it runs first.
installed={program}
here=$(dirname -- "$0")
refs=$(cat)
refs() {{ [ -z "$refs" ] || printf '%s\n' "$refs"; }}
if [ -x "$here/{KEPT}" ]; then
  refs | "$here/{KEPT}" "$@" || exit
fi
toolkit=$(command -v toolkit) || toolkit=$installed
if [ ! -x "$toolkit" ]; then
  echo 'warning: the push is not checked for known vulnerabilities: `toolkit` is not in PATH' >&2
  exit 0
fi
# What git says on stdin counts, also where this runs below pre-commit.
refs | PRE_COMMIT= "$toolkit" hook run pre-push "$@"
"#
    )
}

/// Says whether a hook is one of ours, changed or not.
pub(super) fn is_ours(text: &[u8]) -> bool {
    text.starts_with(BEGINNING.as_bytes())
}

/// Says whether it is as it was written.
pub(super) fn is_unchanged(text: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(text) else {
        return false;
    };
    let installed = text
        .lines()
        .find_map(|line| line.strip_prefix("installed="));
    match installed.and_then(unquoted) {
        Some(program) if program.is_empty() => text == script(None),
        Some(program) => text == script(Some(&program)),
        None => false,
    }
}

/// The name under which the hook from before is kept, in the same folder.
pub(super) const KEPT: &str = "pre-push.before-toolkit";

/// The first lines; the number changes with the script.
const BEGINNING: &str = "#!/bin/sh\n# Written by `toolkit hook install`, form 2.";

/// Quotes a word for the shell.
fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}

fn unquoted(word: &str) -> Option<String> {
    if word.is_empty() {
        return Some(String::new());
    }
    let inner = word.strip_prefix('\'')?.strip_suffix('\'')?;
    Some(inner.replace(r"'\''", "'"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_is_known_again() {
        for program in [None, Some("/usr/bin/toolkit"), Some("/it's/a b/$(toolkit)")] {
            let text = script(program);
            assert!(
                is_ours(text.as_bytes()) && is_unchanged(text.as_bytes()),
                "{text}"
            );
            let edited = format!("{text}echo mine\n");
            assert!(is_ours(edited.as_bytes()) && !is_unchanged(edited.as_bytes()));
        }
        assert!(!is_ours(b"#!/bin/sh\necho theirs\n"));
        assert!(!is_unchanged(b"#!/bin/sh\ninstalled=x\n"));
    }
}
