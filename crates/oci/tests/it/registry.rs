//! Pull, push, credentials and faults, against a registry that misbehaves on purpose.

mod answers;
mod credentials;
mod pull;
mod push;

use std::io::Read;

use toolkit_oci::registry::{Client, Error as RegistryError};
use toolkit_oci::{Descriptor, Error, Verifying};

use crate::fault_registry::FaultRegistry;

fn registry_error(error: Error) -> RegistryError {
    match error {
        Error::Registry(error) => *error,
        other => panic!("{other:?}"),
    }
}

fn get(
    client: &Client,
    registry: &FaultRegistry,
    tag: &str,
) -> Result<Option<toolkit_oci::RawManifest>, Error> {
    client
        .repository(&registry.reference())?
        .manifest_by_tag(tag)
}

fn read_blob(
    client: &Client,
    registry: &FaultRegistry,
    descriptor: &Descriptor,
) -> Result<Vec<u8>, Error> {
    let reader = client
        .repository(&registry.reference())?
        .open_blob(descriptor)?;
    let mut bytes = Vec::new();
    Verifying::new(reader, descriptor.digest.clone(), descriptor.size).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn blob(bytes: &[u8]) -> Descriptor {
    Descriptor::of("application/octet-stream", bytes)
}

fn pattern(size: usize) -> Vec<u8> {
    (0..size).map(|i| (i * 31 % 251) as u8).collect()
}
