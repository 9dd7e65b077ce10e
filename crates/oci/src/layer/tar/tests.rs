//! The parser against another one, against damage, and against Go's rules.

use std::io::Read;

use super::*;

/// What both parsers must agree on.
#[derive(Debug, Default, Clone, PartialEq)]
struct Seen {
    name: Vec<u8>,
    link: Vec<u8>,
    kind: String,
    mode: u32,
    mtime: i64,
    content: Vec<u8>,
}

#[derive(Default)]
struct Record(Vec<Seen>, usize);

impl Sink for Record {
    fn entry(&mut self, header: &Header<'_>) -> Result<()> {
        self.0.push(Seen {
            name: header.name.to_vec(),
            link: header.link.to_vec(),
            kind: format!("{:?}", header.kind),
            mode: header.mode,
            mtime: header.mtime,
            content: Vec::new(),
        });
        Ok(())
    }

    fn data(&mut self, bytes: &[u8]) -> Result<()> {
        self.0.last_mut().unwrap().content.extend_from_slice(bytes);
        Ok(())
    }

    fn end(&mut self) -> Result<()> {
        self.1 += 1;
        Ok(())
    }
}

fn ours(bytes: &[u8], mut piece: impl FnMut() -> usize) -> Result<Vec<Seen>> {
    let mut parser = Parser::new(1 << 20);
    let mut record = Record::default();
    let mut rest = bytes;
    while !rest.is_empty() {
        let (now, later) = rest.split_at(piece().clamp(1, rest.len()));
        parser.push(now, &mut record)?;
        rest = later;
    }
    parser.finish()?;
    assert_eq!(record.0.len(), record.1, "every entry ends");
    Ok(record.0)
}

fn theirs(bytes: &[u8]) -> Vec<Seen> {
    let mut archive = tar::Archive::new(bytes);
    archive
        .entries()
        .unwrap()
        .map(|entry| {
            let mut entry = entry.unwrap();
            let header = entry.header().clone();
            let kind = match header.entry_type() {
                tar::EntryType::Regular | tar::EntryType::Continuous => "Regular",
                tar::EntryType::Link => "Hardlink",
                tar::EntryType::Symlink => "Symlink",
                tar::EntryType::Directory => "Directory",
                _ => "Other",
            };
            let mut content = Vec::new();
            entry.read_to_end(&mut content).unwrap();
            let pax: Vec<_> = entry
                .pax_extensions()
                .unwrap()
                .into_iter()
                .flatten()
                .filter_map(std::result::Result::ok)
                .filter(|record| record.key_bytes() == b"mtime")
                .map(|record| {
                    record
                        .value()
                        .unwrap()
                        .split('.')
                        .next()
                        .unwrap()
                        .parse()
                        .unwrap()
                })
                .collect();
            Seen {
                name: entry.path_bytes().into_owned(),
                link: entry.link_name_bytes().unwrap_or_default().into_owned(),
                kind: kind.to_owned(),
                mode: header.mode().unwrap() & 0o7777,
                mtime: pax
                    .last()
                    .copied()
                    .unwrap_or_else(|| header.mtime().unwrap().try_into().unwrap()),
                content,
            }
        })
        .collect()
}

fn random_name(random: &mut fastrand::Rng) -> String {
    let length = [1, 20, 99, 100, 101, 150, 255, 300, 1000][random.usize(..9)];
    (0..length)
        .map(|place| {
            if place % 17 == 9 {
                '/'
            } else {
                random.alphanumeric()
            }
        })
        .collect()
}

fn random_tar(random: &mut fastrand::Rng) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for _ in 0..random.usize(1..12) {
        let mut header = match random.u32(..3) {
            0 => tar::Header::new_gnu(),
            1 => tar::Header::new_ustar(),
            _ => tar::Header::new_old(),
        };
        header.set_mode(random.u32(..0o10000));
        header.set_mtime(random.u64(..1 << 33));
        let (name, link) = (random_name(random), random_name(random));
        if random.u32(..4) == 0 {
            let value = random_name(random);
            let time = format!("{}.5", random.u32(..));
            let records = [
                ("path", value.as_bytes()),
                ("mtime", time.as_bytes()),
                ("SCHILY.xattr.user.x", b"\0=\n"),
            ];
            builder
                .append_pax_extensions(records[random.usize(..2)..].iter().copied())
                .unwrap();
        }
        match random.u32(..6) {
            0 => {
                header.set_entry_type(tar::EntryType::Directory);
                header.set_size(0);
                builder.append_data(&mut header, name, &[][..]).unwrap();
            }
            1 | 2 => {
                header.set_entry_type(
                    [tar::EntryType::Symlink, tar::EntryType::Link][random.usize(..2)],
                );
                header.set_size(0);
                builder.append_link(&mut header, name, link).unwrap();
            }
            3 => {
                header.set_entry_type(tar::EntryType::Fifo);
                header.set_size(0);
                builder.append_data(&mut header, name, &[][..]).unwrap();
            }
            _ => {
                let size = [0, 1, 511, 512, 513, 5000][random.usize(..6)];
                let content: Vec<u8> = (0..size).map(|_| random.u8(..)).collect();
                header.set_size(u64::try_from(size).unwrap());
                builder
                    .append_data(&mut header, name, &content[..])
                    .unwrap();
            }
        }
    }
    builder.into_inner().unwrap()
}

#[test]
fn entries_equal_those_of_another_parser() {
    let mut entries = 0;
    for seed in 0..400 {
        let mut random = fastrand::Rng::with_seed(seed);
        let bytes = random_tar(&mut random);
        let expected = theirs(&bytes);
        let limit = [1, 7, 512, 1000, 100_000][random.usize(..5)];
        let found = ours(&bytes, || random.usize(1..=limit)).unwrap();
        assert_eq!(found, expected, "seed {seed}");
        entries += found.len();
    }
    assert!(entries > 1500, "{entries}");
}

#[test]
fn changed_headers_never_panic_and_cut_streams_are_errors() {
    let mut random = fastrand::Rng::with_seed(7);
    for _ in 0..2000 {
        let mut bytes = random_tar(&mut random);
        let place = random.usize(..bytes.len());
        bytes[place] = random.u8(..);
        let _ = ours(&bytes, || 333);
        bytes.truncate(place);
        let _ = ours(&bytes, || 512);
    }
    let mut bytes = random_tar(&mut random);
    bytes.truncate(bytes.len() - 1024);
    assert!(
        ours(&bytes, || 512).is_ok(),
        "a missing end mark is allowed"
    );
    bytes.truncate(100);
    assert!(matches!(ours(&bytes, || 512), Err(Error::Tar { .. })));
}

fn block(kind: u8, name: &[u8], size: &[u8]) -> Vec<u8> {
    let mut header = tar::Header::new_gnu();
    header.set_mode(0o644);
    header.as_mut_bytes()[..name.len()].copy_from_slice(name);
    header.as_mut_bytes()[124..124 + size.len()].copy_from_slice(size);
    header.as_mut_bytes()[156] = kind;
    header.set_cksum();
    header.as_bytes().to_vec()
}

fn padded(bytes: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    bytes.resize(bytes.len().next_multiple_of(512), 0);
    bytes
}

#[test]
fn extensions_apply_to_the_next_file_as_in_go() {
    let pax_path = padded(b"10 path=b\n");
    let content = padded(b"xyz");
    let long = padded(b"long\0");
    let size = padded(b"10 size=3\n");
    let octal_3 = b"00000000003";
    let pax = |record: &[u8]| [block(b'x', b"p", b"00000000012"), record.to_vec()].concat();
    let table = [
        (
            "pax path",
            vec![pax(&pax_path), block(b'0', b"a", octal_3), content.clone()],
            "b",
            3,
        ),
        // A GNU long name after a PAX record wins, and the PAX size still counts for the file behind it.
        (
            "pax, then long name",
            vec![
                pax(&size),
                block(b'L', b"l", b"00000000005"),
                long.clone(),
                block(b'0', b"a", b"0"),
                content.clone(),
            ],
            "long",
            3,
        ),
        (
            "pax size",
            vec![
                pax(&size),
                block(b'0', b"a", b"00000000000"),
                content.clone(),
            ],
            "a",
            3,
        ),
        (
            "global is ignored",
            vec![
                block(b'g', b"g", b"00000000012"),
                pax_path,
                block(b'0', b"a", octal_3),
                content.clone(),
            ],
            "a",
            3,
        ),
        (
            "links have no content",
            vec![block(b'1', b"a", octal_3)],
            "a",
            0,
        ),
        (
            "base 256",
            vec![block(b'0', b"a", b"\x80\0\0\0\0\0\0\0\0\0\0\x03"), content],
            "a",
            3,
        ),
    ];
    for (what, parts, name, size) in table {
        let seen = ours(&parts.concat(), || 512).unwrap_or_else(|error| panic!("{what}: {error}"));
        assert_eq!(seen.len(), 1, "{what}");
        assert_eq!(
            (seen[0].name.as_slice(), seen[0].content.len()),
            (name.as_bytes(), size),
            "{what}"
        );
    }
    let between = [
        pax(&padded(b"10 path=b\n")),
        block(b'g', b"g", b"0"),
        block(b'0', b"a", b"0"),
    ]
    .concat();
    assert!(matches!(ours(&between, || 512), Err(Error::Tar { .. })));
}
