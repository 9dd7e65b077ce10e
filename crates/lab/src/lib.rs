//! A private Sigstore and registry on loopback for trials and tests, never for production.
