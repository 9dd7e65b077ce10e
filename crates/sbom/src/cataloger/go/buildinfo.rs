//! What the Go linker writes into a program about the modules it was built from.
//!
//! Implements Go's `debug/buildinfo` (`src/debug/buildinfo/buildinfo.go`: the inline form of Go 1.18 and later, and the pointer
//! form before it) and the text of `runtime/debug.ParseBuildInfo`, for ELF, PE and Mach-O. Packed programs are not unpacked, and
//! no version is guessed from strings.

use object::read::macho::{FatArch, MachOFatFile32, MachOFatFile64};
use object::{FileKind, Object, ObjectSection, ObjectSegment};

use crate::inventory::Fault;

/// Is the build information of one program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BuildInfo {
    /// The version of the toolchain, as written (`go1.22.1`, `go1.22.1 X:boringcrypto`).
    pub go_version: String,
    /// `path`: the import path of the main package.
    pub path: Option<String>,
    /// `mod`: the main module.
    pub main: Option<Module>,
    /// `dep`: the modules linked in, each after its replacement.
    pub dependencies: Vec<Module>,
}

/// Is one module, as it was compiled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Module {
    /// The module path.
    pub path: String,
    /// The version; none where the source was a directory or a working copy without version.
    pub version: Option<String>,
}

/// Reads the build information of a program; `None` where it is no program that the Go linker made.
///
/// # Errors
/// [`Fault`] where the marker is there and what follows it is damaged.
pub fn parse(bytes: &[u8]) -> Result<Option<BuildInfo>, Fault> {
    match FileKind::parse(bytes) {
        Ok(FileKind::MachOFat32) => fat(bytes, MachOFatFile32::parse(bytes).map(|f| f.arches())),
        Ok(FileKind::MachOFat64) => fat(bytes, MachOFatFile64::parse(bytes).map(|f| f.arches())),
        Ok(_) => thin(bytes),
        Err(_) => Ok(None),
    }
}

fn fat<A: FatArch>(
    bytes: &[u8],
    arches: Result<&[A], object::Error>,
) -> Result<Option<BuildInfo>, Fault> {
    for arch in arches.unwrap_or_default() {
        if let Ok(slice) = arch.data(bytes)
            && let Some(info) = thin(slice)?
        {
            return Ok(Some(info));
        }
    }
    Ok(None)
}

fn thin(bytes: &[u8]) -> Result<Option<BuildInfo>, Fault> {
    let Ok(file) = object::File::parse(bytes) else {
        return Ok(None);
    };
    let Some(block) = block(&file) else {
        return Ok(None);
    };
    let (go_version, modules) = strings(&file, block).ok_or(Fault::Malformed {
        what: "Go build information",
        offset: offset(bytes, block),
    })?;
    if go_version.is_empty() {
        return Ok(None);
    }
    Ok(Some(read_modules(go_version, strip_sentinels(&modules))))
}

/// Finds the marker: in its own section, else in a writable segment, 16-aligned, as the Go reader does.
fn block<'a>(file: &object::File<'a>) -> Option<&'a [u8]> {
    for name in [".go.buildinfo", "__go_buildinfo"] {
        if let Some(data) = file.section_by_name(name).and_then(|s| s.data().ok())
            && let Some(found) = find_marker(data)
        {
            return Some(found);
        }
    }
    // PE has no section of its own for it, and a stripped ELF may have no sections at all.
    if file.format() == object::BinaryFormat::Pe {
        return file
            .section_by_name(".data")
            .and_then(|s| s.data().ok())
            .and_then(find_marker);
    }
    if file.sections().next().is_some() {
        return None;
    }
    file.segments()
        .filter_map(|s| s.data().ok())
        .find_map(find_marker)
}

fn find_marker(mut data: &[u8]) -> Option<&[u8]> {
    while data.len() >= HEADER {
        if data.starts_with(MARKER) {
            return Some(data);
        }
        data = data.get(ALIGN..)?;
    }
    None
}

/// Returns the toolchain version and the module text.
fn strings(file: &object::File<'_>, block: &[u8]) -> Option<(String, Vec<u8>)> {
    let pointer_size = *block.get(14)?;
    let flags = *block.get(15)?;
    if flags & 2 != 0 {
        let (version, rest) = inline(block.get(HEADER..)?)?;
        let (modules, _) = inline(rest)?;
        return Some((text(version), modules.to_vec()));
    }
    let words = Words {
        file,
        size: pointer_size,
        big_endian: flags & 1 != 0,
    };
    let at = |index: usize| {
        let size = usize::from(pointer_size);
        words.word(block.get(16 + index * size..)?)
    };
    let version = words.string(at(0)?)?;
    // Programs built without modules have no second string.
    let modules = words.string(at(1)?).unwrap_or_default();
    Some((text(version), modules.to_vec()))
}

/// Reads a string after its length as a base-128 varint.
fn inline(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut length = 0_usize;
    for (index, byte) in bytes.iter().enumerate().take(5) {
        length |= usize::from(byte & 0x7f) << (7 * index);
        if byte & 0x80 == 0 {
            let rest = bytes.get(index + 1..)?;
            return rest.split_at_checked(length);
        }
    }
    None
}

struct Words<'f, 'a> {
    file: &'f object::File<'a>,
    size: u8,
    big_endian: bool,
}

impl<'a> Words<'_, 'a> {
    fn word(&self, bytes: &[u8]) -> Option<u64> {
        match self.size {
            4 => {
                let bytes = bytes.get(..4)?.try_into().ok()?;
                Some(u64::from(if self.big_endian {
                    u32::from_be_bytes(bytes)
                } else {
                    u32::from_le_bytes(bytes)
                }))
            }
            8 => {
                let bytes = bytes.get(..8)?.try_into().ok()?;
                Some(if self.big_endian {
                    u64::from_be_bytes(bytes)
                } else {
                    u64::from_le_bytes(bytes)
                })
            }
            _ => None,
        }
    }

    /// Follows a pointer to a Go string header: data pointer and length.
    fn string(&self, address: u64) -> Option<&'a [u8]> {
        let size = u64::from(self.size);
        let header = self.memory(address, size.checked_mul(2)?)?;
        let data = self.word(header)?;
        let length = self.word(header.get(usize::from(self.size)..)?)?;
        if length == 0 {
            return None;
        }
        self.memory(data, length)
    }

    fn memory(&self, address: u64, size: u64) -> Option<&'a [u8]> {
        let found = self
            .file
            .segments()
            .find_map(|s| s.data_range(address, size).ok().flatten());
        // The addresses of a PE segment are those of its sections.
        found.or_else(|| {
            self.file
                .sections()
                .find_map(|s| s.data_range(address, size).ok().flatten())
        })
    }
}

/// Removes the 16 bytes on each side by which the runtime finds the text.
fn strip_sentinels(modules: &[u8]) -> &[u8] {
    let end = modules.len().checked_sub(17).and_then(|at| modules.get(at));
    if modules.len() >= 33 && end == Some(&b'\n') {
        modules.get(16..modules.len() - 16).unwrap_or_default()
    } else {
        &[]
    }
}

fn read_modules(go_version: String, modules: &[u8]) -> BuildInfo {
    let mut info = BuildInfo {
        go_version,
        path: None,
        main: None,
        dependencies: Vec::new(),
    };
    let modules = String::from_utf8_lossy(modules);
    let mut replaced_main = false;
    for line in modules.lines() {
        let mut fields = line.split('\t');
        let (kind, path) = (fields.next(), fields.next().unwrap_or_default());
        let version = fields.next();
        let module = || module(path, version);
        match kind {
            Some("path") => info.path = Some(path.to_owned()),
            Some("mod") => {
                info.main = module();
                replaced_main = true;
            }
            Some("dep") => {
                info.dependencies.extend(module());
                replaced_main = false;
            }
            Some("=>") => {
                let place = if replaced_main {
                    info.main.as_mut()
                } else {
                    info.dependencies.last_mut()
                };
                if let (Some(place), Some(with)) = (place, module()) {
                    if is_directory(&with.path) {
                        place.version = None;
                    } else {
                        *place = with;
                    }
                }
            }
            _ => {}
        }
    }
    info
}

fn module(path: &str, version: Option<&str>) -> Option<Module> {
    (!path.is_empty()).then(|| Module {
        path: path.to_owned(),
        version: version
            .filter(|v| !v.is_empty() && *v != "(devel)")
            .map(str::to_owned),
    })
}

/// Says whether a replacement is a directory, as `go.mod` tells them apart.
fn is_directory(path: &str) -> bool {
    path.starts_with("./")
        || path.starts_with("../")
        || path.starts_with('/')
        || path.contains(":\\")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn offset(whole: &[u8], part: &[u8]) -> u64 {
    let at = part.as_ptr().addr().saturating_sub(whole.as_ptr().addr());
    u64::try_from(at).unwrap_or(u64::MAX)
}

/// `buildInfoMagic`, `buildInfoHeaderSize` and `buildInfoAlign` of Go's reader.
const MARKER: &[u8] = b"\xff Go buildinf:";
const HEADER: usize = 32;
const ALIGN: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modules_follow_their_replacements() {
        let text = "path\texample.org/a/cmd\nmod\texample.org/a\t(devel)\t\ndep\tb.org/x\tv1.0.0\th1:x=\n\
                    =>\tfork.org/x\tv1.0.1\th1:y=\ndep\tc.org/y\tv2.0.0\th1:z=\n=>\t./local\t(devel)\t\nbuild\tGOOS=linux\n";
        let framed = [&[b'0'; 16][..], text.as_bytes(), &[b'1'; 16]].concat();
        let info = read_modules("go1.22".to_owned(), strip_sentinels(&framed));
        let module = |path: &str, version: Option<&str>| Module {
            path: path.to_owned(),
            version: version.map(str::to_owned),
        };
        assert_eq!(info.path.as_deref(), Some("example.org/a/cmd"));
        assert_eq!(info.main, Some(module("example.org/a", None)));
        assert_eq!(
            info.dependencies,
            [
                module("fork.org/x", Some("v1.0.1")),
                module("c.org/y", None)
            ]
        );
    }

    #[test]
    fn parse_reads_the_inline_and_the_pointer_form() {
        let modules = [&[b'0'; 16][..], b"path\tp\nmod\tm\tv1\t\n", &[b'1'; 16]].concat();
        let mut inline = [MARKER, &[8, 2], &[0; 16]].concat();
        for string in [&b"go1.22.1"[..], &modules] {
            inline.push(u8::try_from(string.len()).unwrap_or(0));
            inline.extend(string);
        }
        let mut pointers = [MARKER, &[8, 0]].concat();
        let base = ADDRESS;
        for word in [
            base + 32,
            base + 48,
            base + 64,
            8,
            base + 72,
            u64::try_from(modules.len()).unwrap_or(0),
        ] {
            pointers.extend(word.to_le_bytes());
        }
        pointers.extend(b"go1.22.1");
        pointers.extend(&modules);
        for block in [inline, pointers] {
            let info = parse(&elf(&block)).unwrap_or_else(|e| panic!("{e}"));
            let info = info.unwrap_or_else(|| panic!("a Go program"));
            assert_eq!(info.go_version, "go1.22.1");
            assert_eq!(
                info.main,
                Some(Module {
                    path: "m".to_owned(),
                    version: Some("v1".to_owned())
                })
            );
        }
    }

    #[test]
    fn parse_reports_a_damaged_block() {
        let block = [MARKER, &[8, 2], &[0; 16], &[0x7f]].concat();
        assert_eq!(
            parse(&elf(&block)),
            Err(Fault::Malformed {
                what: "Go build information",
                offset: 128
            })
        );
        assert_eq!(parse(&elf(&[0; 64])), Ok(None));
        assert_eq!(parse(b"#!/bin/sh"), Ok(None));
    }

    const ADDRESS: u64 = 0x40_0000;

    /// Makes a 64-bit little-endian ELF program with one segment, no sections, and this content at byte 128.
    fn elf(content: &[u8]) -> Vec<u8> {
        let size = u64::try_from(content.len()).unwrap_or(0);
        let mut out = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x02\0\x3e\0\x01\0\0\0".to_vec();
        for word in [0_u64, 64, 0] {
            out.extend(word.to_le_bytes());
        }
        out.extend(0_u32.to_le_bytes());
        for half in [64_u16, 56, 1, 64, 0, 0] {
            out.extend(half.to_le_bytes());
        }
        out.extend([1_u32, 6].map(u32::to_le_bytes).concat());
        out.extend(
            [128, ADDRESS, ADDRESS, size, size, 4096]
                .map(u64::to_le_bytes)
                .concat(),
        );
        out.resize(128, 0);
        out.extend(content);
        out
    }
}
