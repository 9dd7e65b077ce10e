//! The evidence graph for people, as a tree.

use toolkit_gate::{Node, Role, SourceAnswer, Tree};

use super::printable;

/// Renders the graph. Foreign text in it is made harmless.
pub(crate) fn tree(tree: &Tree, unicode: bool) -> String {
    let mut text = String::new();
    if let Some(image) = &tree.image {
        text.push_str(&format!("{image}\n"));
    }
    text.push_str(&format!("{}\n", label(&tree.root)));
    children(
        &mut text,
        &tree.root,
        "",
        if unicode { &UNICODE } else { &ASCII },
    );
    printable(&text).into_owned()
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

fn children(text: &mut String, node: &Node, indent: &str, lines: &Lines) {
    let silent = node
        .sources
        .iter()
        .filter_map(|source| match &source.answer {
            SourceAnswer::Unreachable { reason } => Some(Child::Silent(format!(
                "unknown: {} did not answer: {reason}",
                source.name
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
                text.push_str(&format!("{}\n", label(child)));
                children(
                    text,
                    child,
                    &format!("{indent}{}", if is_last { "   " } else { lines.through }),
                    lines,
                );
            }
            Child::Silent(reason) => text.push_str(&format!("{}\n", one_line(reason))),
        }
    }
}

fn label(node: &Node) -> String {
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
    let mut label = format!("{kind} {}", node.digest);
    if let Some(bundle) = &node.bundle {
        label.push_str(&format!(
            "  {}",
            bundle.predicate_type.as_deref().unwrap_or("bundle")
        ));
        match (&bundle.refusal, &bundle.signer) {
            (Some(refusal), _) => label.push_str(&format!("  REFUSED: {refusal}")),
            (None, Some(signer)) => label.push_str(&format!("  verified: {signer}")),
            (None, None) => label.push_str("  not verified"),
        }
        if let Some(time) = &bundle.signed_at {
            label.push_str(&format!(", {time}"));
        }
    } else if let Some(kind) = &node.artifact_type {
        label.push_str(&format!("  {kind}"));
    }
    one_line(&label)
}

/// Keeps foreign text on its own line.
fn one_line(text: &str) -> String {
    text.replace(['\n', '\r'], " ")
}
