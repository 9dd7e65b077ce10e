//! The directories of the user that `toolkit` looks at.
//!
//! It creates nothing. Where neither the variable nor a home is there, the answer is that there is none.

use std::path::PathBuf;

use crate::env;

/// Lists the files with registry credentials, in the order in which docker and podman look (containers-auth.json(5)).
///
/// A file named by `REGISTRY_AUTH_FILE` or a directory named by `DOCKER_CONFIG` replaces the defaults: who names one does not want another
/// to answer.
pub(crate) fn credential_files() -> Vec<PathBuf> {
    if let Some(file) = env::read(env::REGISTRY_AUTH_FILE) {
        return vec![PathBuf::from(file)];
    }
    if let Some(directory) = env::read(env::DOCKER_CONFIG) {
        return vec![PathBuf::from(directory).join("config.json")];
    }
    let runtime = env::read(env::XDG_RUNTIME_DIR)
        .map(|directory| PathBuf::from(directory).join("containers/auth.json"));
    let home = env::read(env::HOME).map(PathBuf::from);
    let config = env::read(env::XDG_CONFIG_HOME)
        .map(PathBuf::from)
        .or_else(|| home.as_ref().map(|home| home.join(".config")));
    let podman = config.map(|directory| directory.join("containers/auth.json"));
    let docker = home.map(|home| home.join(".docker/config.json"));
    [runtime, podman, docker].into_iter().flatten().collect()
}

/// Returns the directory of vulnerability databases: `TOOLKIT_DATA`, else `toolkit` in the user's data directory (XDG base directory
/// specification). They are no cache: which database was trusted, and how, is not to be lost.
pub(crate) fn databases() -> Option<PathBuf> {
    let data = env::read(env::DATA).map(PathBuf::from);
    let user = || {
        let home = env::read(env::HOME).map(|home| PathBuf::from(home).join(".local/share"));
        let data = env::read(env::XDG_DATA_HOME).map(PathBuf::from).or(home)?;
        Some(data.join("toolkit"))
    };
    let folder = format!("vulndb-v{}", toolkit_vulndb::db::FORMAT);
    Some(data.or_else(user)?.join(folder))
}
