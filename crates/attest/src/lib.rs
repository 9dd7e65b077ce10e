//! Statements, Sigstore bundles, signing and verification.
