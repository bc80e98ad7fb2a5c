//! A reader of DER (X.690) as strict as Go's `cryptobyte`: one-byte tags, minimal definite lengths.
//!
//! Only what Go's `crypto/x509` reads by itself is read here; names and dates come from `x509-parser`.

/// The tag of BOOLEAN.
pub(super) const BOOLEAN: u8 = 0x01;
/// The tag of INTEGER.
pub(super) const INTEGER: u8 = 0x02;
/// The tag of BIT STRING.
pub(super) const BIT_STRING: u8 = 0x03;
/// The tag of OCTET STRING.
pub(super) const OCTET_STRING: u8 = 0x04;
/// The tag of OBJECT IDENTIFIER.
pub(super) const OBJECT_IDENTIFIER: u8 = 0x06;
/// The tag of SEQUENCE.
pub(super) const SEQUENCE: u8 = 0x30;

/// One element.
pub(super) struct Element<'a> {
    /// Its tag.
    pub(super) tag: u8,
    /// What it contains.
    pub(super) content: &'a [u8],
    /// The element with tag and length.
    pub(super) whole: &'a [u8],
}

/// What is left to read.
#[derive(Clone, Copy)]
pub(super) struct Der<'a>(pub(super) &'a [u8]);

impl<'a> Der<'a> {
    /// Whether nothing is left.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The next element, whatever its tag is; `None` when it is malformed or there is none.
    pub(super) fn any(&mut self) -> Option<Element<'a>> {
        let (&tag, &first) = (self.0.first()?, self.0.get(1)?);
        if tag & 0x1f == 0x1f {
            return None;
        }
        let (header, length) = match first {
            0..=0x7f => (2, usize::from(first)),
            0x81..=0x84 => {
                let bytes = self.0.get(2..2 + usize::from(first & 0x7f))?;
                let length = bytes.iter().fold(0_usize, |sum, &byte| sum << 8 | usize::from(byte));
                // The shortest form is the only one.
                if length < 0x80 || bytes.first() == Some(&0) {
                    return None;
                }
                (2 + bytes.len(), length)
            }
            _ => return None,
        };
        let end = header.checked_add(length)?;
        let (whole, content) = (self.0.get(..end)?, self.0.get(header..end)?);
        self.0 = self.0.get(end..)?;
        Some(Element { tag, content, whole })
    }

    /// The next element, which must have this tag.
    pub(super) fn element(&mut self, tag: u8) -> Option<Element<'a>> {
        self.0.first().filter(|&&t| t == tag)?;
        self.any()
    }

    /// The content of the next element, which must have this tag.
    pub(super) fn read(&mut self, tag: u8) -> Option<&'a [u8]> {
        self.element(tag).map(|element| element.content)
    }

    /// The content of the next element if it has this tag; the outer `None` when it is malformed.
    pub(super) fn optional(&mut self, tag: u8) -> Option<Option<&'a [u8]>> {
        match self.0.first() {
            Some(&t) if t == tag => self.read(tag).map(Some),
            _ => Some(None),
        }
    }

    /// The bytes of the next element, an INTEGER in its shortest form.
    pub(super) fn integer(&mut self) -> Option<&'a [u8]> {
        let bytes = self.read(INTEGER)?;
        let padded = matches!(bytes, [0x00, next, ..] if next & 0x80 == 0)
            || matches!(bytes, [0xff, next, ..] if next & 0x80 != 0);
        (!bytes.is_empty() && !padded).then_some(bytes)
    }

    /// The next element, a BOOLEAN, which DER writes as 0 or 255.
    pub(super) fn boolean(&mut self) -> Option<bool> {
        match self.read(BOOLEAN)? {
            [0] => Some(false),
            [0xff] => Some(true),
            _ => None,
        }
    }

    /// The bytes of the next element, a BIT STRING of whole bytes.
    pub(super) fn bit_string(&mut self) -> Option<&'a [u8]> {
        match self.read(BIT_STRING)? {
            [0, bytes @ ..] => Some(bytes),
            _ => None,
        }
    }
}
