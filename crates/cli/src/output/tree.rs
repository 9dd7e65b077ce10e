//! The evidence graph for people, as a tree.

use toolkit_gate::{Node, Role, SourceAnswer, Tree, Unchecked};

use super::paint::{Mood, Paint};
use super::printable;

/// Renders the graph. Foreign text in it is made harmless.
pub(crate) fn tree(tree: &Tree, unicode: bool, paint: Paint) -> String {
    let mut text = String::new();
    if let Some(image) = &tree.image {
        let image = paint.word(Mood::Head, &harmless(image));
        text.push_str(&format!("{image}\n"));
    }
    text.push_str(&format!("{}\n", label(&tree.root, paint)));
    children(
        &mut text,
        &tree.root,
        "",
        if unicode { &UNICODE } else { &ASCII },
        paint,
    );
    text
}

/// Says whether a list of evidence anywhere in the graph did not answer.
pub(crate) fn is_incomplete(node: &Node) -> bool {
    let open = |answer: &SourceAnswer| matches!(answer, SourceAnswer::Unreachable { .. });
    node.sources.iter().any(|source| open(&source.answer))
        || node
            .manifests
            .iter()
            .chain(&node.evidence)
            .any(is_incomplete)
}

struct Lines {
    branch: &'static str,
    last: &'static str,
    through: &'static str,
}

const UNICODE: Lines = Lines {
    branch: "├─ ",
    last: "└─ ",
    through: "│  ",
};
const ASCII: Lines = Lines {
    branch: "|- ",
    last: "`- ",
    through: "|  ",
};

enum Child<'a> {
    Node(&'a Node),
    Silent(String),
}

fn children(text: &mut String, node: &Node, indent: &str, lines: &Lines, paint: Paint) {
    let silent = node
        .sources
        .iter()
        .filter_map(|source| match &source.answer {
            SourceAnswer::Unreachable { reason } => Some(Child::Silent(format!(
                "{}: {} did not answer: {}",
                paint.word(Mood::Open, "unknown"),
                source.name,
                harmless(reason)
            ))),
            SourceAnswer::Answered | SourceAnswer::Unsupported => None,
        });
    let all: Vec<Child<'_>> = node
        .manifests
        .iter()
        .chain(&node.evidence)
        .map(Child::Node)
        .chain(silent)
        .collect();
    for (index, child) in all.iter().enumerate() {
        let is_last = index + 1 == all.len();
        text.push_str(indent);
        text.push_str(if is_last { lines.last } else { lines.branch });
        match child {
            Child::Node(child) => {
                text.push_str(&format!("{}\n", label(child, paint)));
                children(
                    text,
                    child,
                    &format!("{indent}{}", if is_last { "   " } else { lines.through }),
                    lines,
                    paint,
                );
            }
            Child::Silent(reason) => text.push_str(&format!("{reason}\n")),
        }
    }
}

/// Describes a node on one line. Every part is made harmless before words are painted: foreign text must not look like a word of ours.
fn label(node: &Node, paint: Paint) -> String {
    let kind = match &node.role {
        Role::Index => "index".to_owned(),
        Role::Image { platform } => platform.clone().map_or_else(
            || "image".to_owned(),
            |platform| format!("image {platform}"),
        ),
        Role::Embedded => "evidence inside the index, unsigned".to_owned(),
        Role::Referrer => "evidence".to_owned(),
        Role::Legacy { tag } => format!("evidence under the older tag {tag}, not read"),
        Role::Stray { reason } => format!("no evidence of this: {reason}"),
    };
    let mut label = format!("{} {}", harmless(&kind), node.digest);
    if let Some(bundle) = &node.bundle {
        let predicate_type = bundle.predicate_type.as_deref().unwrap_or("bundle");
        label.push_str(&format!("  {}", harmless(predicate_type)));
        let (mood, word, more) = match (&bundle.refusal, &bundle.signer, bundle.unchecked) {
            (Some(refusal), ..) => (Mood::Bad, "REFUSED", refusal.as_str()),
            (None, Some(signer), _) => (Mood::Good, "verified", signer.as_str()),
            (None, None, Some(Unchecked::NoKey)) => (
                Mood::Open,
                "not checked",
                "signed by a key, and no `--key` was named",
            ),
            (None, None, None) => (Mood::Open, "not checked", "it was not looked at"),
        };
        label.push_str(&format!("  {}: {}", paint.word(mood, word), harmless(more)));
        if let Some(time) = &bundle.signed_at {
            label.push_str(&format!(", {time}"));
        }
    } else if let Some(kind) = &node.artifact_type {
        label.push_str(&format!("  {}", harmless(kind)));
    }
    label
}

/// Keeps foreign text on its own line, and from being obeyed by a terminal.
fn harmless(text: &str) -> String {
    printable(&text.replace(['\n', '\r'], " ")).into_owned()
}

#[cfg(test)]
mod tests {
    use toolkit_gate::Bundled;
    use toolkit_oci::Digest;

    use super::*;

    fn evidence(bundle: Bundled) -> Tree {
        let node = |role, bundle| Node {
            digest: Digest::sha256(b"node"),
            media_type: String::new(),
            size: 0,
            role,
            artifact_type: None,
            bundle,
            manifests: Vec::new(),
            evidence: Vec::new(),
            sources: Vec::new(),
        };
        let mut root = node(Role::Image { platform: None }, None);
        root.evidence.push(node(Role::Referrer, Some(bundle)));
        Tree { image: None, root }
    }

    #[test]
    fn what_nobody_checked_is_neither_refused_nor_verified() {
        let bundle = Bundled {
            digest: None,
            predicate_type: Some("https://example.com/t".to_owned()),
            signer: None,
            signed_at: None,
            refusal: None,
            unchecked: Some(Unchecked::NoKey),
        };
        let text = tree(&evidence(bundle), true, Paint::new(false));
        assert!(
            text.ends_with(
                "  https://example.com/t  not checked: signed by a key, and no `--key` was named\n"
            ),
            "{text}"
        );
    }

    #[test]
    fn foreign_text_is_neither_obeyed_nor_painted() {
        let bundle = Bundled {
            digest: None,
            predicate_type: Some("x\u{1b}[32mverified\n`- y".to_owned()),
            signer: None,
            signed_at: None,
            refusal: Some("sct-invalid".to_owned()),
            unchecked: None,
        };
        let text = tree(&evidence(bundle), false, Paint::new(true));
        assert_eq!(text.lines().count(), 2, "{text}");
        assert!(text.contains("x\\u{1b}[32mverified `- y"), "{text}");
        assert_eq!(
            text.matches('\u{1b}').count(),
            3,
            "bold, red, reset: {text}"
        );
    }
}
