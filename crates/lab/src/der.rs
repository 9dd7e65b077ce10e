//! Writes and reads the few DER shapes (ITU-T X.690) that certificates, requests and timestamps need.
//!
//! Written by hand so that no parser is shared with the verifier that the lab exists to check. It does not know any schema:
//! `x509`, `fulcio`, `ct` and `tsa` do.

use jiff::Timestamp;

use crate::error::Malformed;

pub(crate) const BOOLEAN: u8 = 0x01;
pub(crate) const INTEGER: u8 = 0x02;
pub(crate) const BIT_STRING: u8 = 0x03;
pub(crate) const OCTET_STRING: u8 = 0x04;
pub(crate) const OBJECT_IDENTIFIER: u8 = 0x06;
pub(crate) const UTF8_STRING: u8 = 0x0c;
pub(crate) const UTC_TIME: u8 = 0x17;
pub(crate) const GENERALIZED_TIME: u8 = 0x18;
pub(crate) const SEQUENCE: u8 = 0x30;
pub(crate) const SET: u8 = 0x31;

/// Encodes one element from its tag and content.
pub(crate) fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut out = vec![tag];
    let length = content.len().to_be_bytes();
    let significant: Vec<u8> = length
        .iter()
        .copied()
        .skip_while(|byte| *byte == 0)
        .collect();
    match (significant.len(), significant.first()) {
        (0, _) => out.push(0),
        (1, Some(short)) if *short < 0x80 => out.push(*short),
        (count, _) => {
            out.push(0x80 | count as u8);
            out.extend_from_slice(&significant);
        }
    }
    out.extend_from_slice(content);
    out
}

/// Encodes a SEQUENCE of parts that are encoded already.
pub(crate) fn sequence(parts: &[&[u8]]) -> Vec<u8> {
    element(SEQUENCE, &parts.concat())
}

/// Encodes the content of a SET OF: the parts in ascending order of their encodings (X.690 §11.6).
pub(crate) fn sorted(mut parts: Vec<Vec<u8>>) -> Vec<u8> {
    parts.sort();
    parts.concat()
}

/// Encodes a non-negative INTEGER from its big-endian magnitude.
pub(crate) fn integer(magnitude: &[u8]) -> Vec<u8> {
    let mut content: Vec<u8> = magnitude
        .iter()
        .copied()
        .skip_while(|byte| *byte == 0)
        .collect();
    if content.first().is_none_or(|first| *first >= 0x80) {
        content.insert(0, 0);
    }
    element(INTEGER, &content)
}

/// Encodes an OBJECT IDENTIFIER given in dotted form.
pub(crate) fn oid(dotted: &str) -> Vec<u8> {
    let arcs: Vec<u64> = dotted
        .split('.')
        .filter_map(|arc| arc.parse().ok())
        .collect();
    let mut content = Vec::new();
    let (top, rest) = match arcs.as_slice() {
        [first, second, rest @ ..] => (first * 40 + second, rest),
        _ => (0, [].as_slice()),
    };
    for arc in std::iter::once(&top).chain(rest) {
        let mut groups = vec![(arc & 0x7f) as u8];
        let mut remaining = arc >> 7;
        while remaining > 0 {
            groups.push(0x80 | (remaining & 0x7f) as u8);
            remaining >>= 7;
        }
        content.extend(groups.iter().rev());
    }
    element(OBJECT_IDENTIFIER, &content)
}

/// Encodes a BIT STRING without unused bits.
pub(crate) fn bits(bytes: &[u8]) -> Vec<u8> {
    element(BIT_STRING, &[&[0], bytes].concat())
}

/// Encodes an element under the explicit context tag `number`.
pub(crate) fn explicit(number: u8, content: &[u8]) -> Vec<u8> {
    element(0xa0 | number, content)
}

/// Encodes GeneralizedTime with whole seconds.
pub(crate) fn generalized_time(time: Timestamp) -> Vec<u8> {
    element(
        GENERALIZED_TIME,
        time.strftime("%Y%m%d%H%M%SZ").to_string().as_bytes(),
    )
}

const YEAR_2050: Timestamp = Timestamp::constant(2_524_608_000, 0); // 2050-01-01T00:00:00Z

/// Encodes a certificate's time: UTCTime before 2050, GeneralizedTime from then on (RFC 5280 §4.1.2.5).
pub(crate) fn certificate_time(time: Timestamp) -> Vec<u8> {
    if time >= YEAR_2050 {
        return generalized_time(time);
    }
    element(
        UTC_TIME,
        time.strftime("%y%m%d%H%M%SZ").to_string().as_bytes(),
    )
}

/// One element as it was read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Element<'a> {
    /// Its tag byte.
    pub(crate) tag: u8,
    /// Its content, without tag and length.
    pub(crate) content: &'a [u8],
    /// The whole encoding.
    pub(crate) raw: &'a [u8],
}

/// Reads elements one after the other.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// Looks at the next tag without reading it.
    pub(crate) fn peek(&self) -> Option<u8> {
        self.rest.first().copied()
    }

    /// Reads the next element, whatever its tag.
    pub(crate) fn any(&mut self) -> Result<Element<'a>, Malformed> {
        let all = self.rest;
        let (tag, after) = all
            .split_first()
            .ok_or(Malformed("DER ends before an element"))?;
        let (first, mut after) = after
            .split_first()
            .ok_or(Malformed("DER ends before a length"))?;
        let length = if *first < 0x80 {
            usize::from(*first)
        } else {
            let count = usize::from(*first & 0x7f);
            if count == 0 || count > 4 {
                return Err(Malformed("DER length is indefinite or too long"));
            }
            let (digits, rest) = after
                .split_at_checked(count)
                .ok_or(Malformed("DER length is cut off"))?;
            after = rest;
            digits
                .iter()
                .fold(0, |sum, digit| sum << 8 | usize::from(*digit))
        };
        let (content, rest) = after
            .split_at_checked(length)
            .ok_or(Malformed("DER content is cut off"))?;
        self.rest = rest;
        Ok(Element {
            tag: *tag,
            content,
            raw: &all[..all.len() - rest.len()],
        })
    }

    /// Reads the next element and requires its tag.
    pub(crate) fn expect(&mut self, tag: u8) -> Result<Element<'a>, Malformed> {
        let element = self.any()?;
        if element.tag == tag {
            Ok(element)
        } else {
            Err(Malformed("DER has another tag than expected"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_known_encodings() {
        for (found, expected) in [
            (oid("1.2.840.10045.4.3.2"), "06082a8648ce3d040302"),
            (oid("1.3.6.1.4.1.57264.1.24"), "060a2b0601040183bf300118"),
            (oid("2.5.29.17"), "0603551d11"),
            (integer(&[0]), "020100"),
            (integer(&[0, 0x80]), "02020080"),
            (integer(&[0x7f]), "02017f"),
            (element(OCTET_STRING, &[]), "0400"),
            (bits(&[5]), "03020005"),
        ] {
            assert_eq!(hex::encode(found), expected);
        }
        assert_eq!(element(OCTET_STRING, &[7; 200])[..3], [4, 0x81, 200]);
        assert_eq!(element(OCTET_STRING, &[7; 300])[..4], [4, 0x82, 1, 44]);
    }

    #[test]
    fn reads_what_it_writes_and_refuses_cut_bytes() {
        let bytes = sequence(&[&integer(&[1, 2]), &element(OCTET_STRING, &[9; 300])]);
        let mut outer = Reader::new(&bytes);
        let mut inner = Reader::new(outer.expect(SEQUENCE).expect("sequence").content);
        assert_eq!(inner.expect(INTEGER).expect("integer").content, [1, 2]);
        assert_eq!(
            inner.expect(OCTET_STRING).expect("octets").content.len(),
            300
        );
        assert!(inner.is_empty() && outer.is_empty());
        for cut in 0..bytes.len() {
            assert!(Reader::new(&bytes[..cut]).any().is_err(), "{cut}");
        }
    }

    #[test]
    fn writes_times_in_the_form_their_year_asks_for() {
        let time = |text: &str| text.parse::<Timestamp>().expect("a timestamp");
        assert_eq!(
            certificate_time(time("2026-11-24T10:00:00Z"))[2..],
            *b"261124100000Z"
        );
        assert_eq!(
            certificate_time(time("2050-01-01T00:00:00Z"))[2..],
            *b"20500101000000Z"
        );
        assert_eq!(
            generalized_time(time("2026-11-24T10:00:00.75Z"))[2..],
            *b"20261124100000Z"
        );
    }
}
