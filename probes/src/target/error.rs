//! What can be wrong with a reference, in words for people.

use crate::foreign::Foreign;

/// A reference that kubelet would refuse. Each kind is a cause of its own; each message names the way out.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub enum TargetError {
    /// A variable or template was not filled in.
    #[error(
        "'{given}' holds '{piece}', a template that was not filled in; render it first (helm, envsubst, kustomize)"
    )]
    UnexpandedTemplate {
        /// What was given, cleaned.
        given: Foreign,
        /// The part that was not filled in, cleaned.
        piece: Foreign,
    },
    /// It is an address with a scheme.
    #[error("'{given}' starts with a scheme, which no image reference has; write {without}")]
    HasScheme {
        /// What was given, cleaned.
        given: Foreign,
        /// The same without its scheme, cleaned.
        without: Foreign,
    },
    /// What stands for a digest is none.
    #[error("'{given}' has no usable digest: {problem}")]
    DigestMalformed {
        /// What was given, cleaned.
        given: Foreign,
        /// What is wrong with it.
        problem: DigestProblem,
    },
    /// The repository has upper-case letters.
    #[error(
        "'{given}' has upper-case letters in the repository, which must be lower case; write {corrected}"
    )]
    Uppercase {
        /// What was given, cleaned.
        given: Foreign,
        /// The same with the repository in lower case.
        corrected: Foreign,
    },
    /// Anything else.
    #[error("'{given}' is not an image reference (HOST[:PORT]/REPOSITORY[:TAG][@DIGEST]): {why}{}", meant.as_ref().map(|m| format!("; write {m}")).unwrap_or_default())]
    Malformed {
        /// What was given, cleaned.
        given: Foreign,
        /// What is wrong with it.
        why: Malformation,
        /// The same without blanks, quotes, colon or slash at its ends, where that is valid.
        meant: Option<Foreign>,
    },
}

/// What is wrong with a digest.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub enum DigestProblem {
    /// Nothing follows the `@`.
    #[error("nothing follows the @; write @sha256: and 64 hexadecimal digits")]
    Missing,
    /// It names no algorithm.
    #[error("what follows the @ names no algorithm; write @sha256: and 64 hexadecimal digits")]
    NoAlgorithm,
    /// The algorithm is none of sha256, sha384, sha512 (go-digest's).
    #[error("the algorithm '{algorithm}' is none of sha256, sha384 and sha512")]
    Algorithm {
        /// The algorithm, cleaned.
        algorithm: Foreign,
    },
    /// It has not as many digits as its algorithm gives.
    #[error(
        "{found} hexadecimal digits where its algorithm has {expected}; copy the whole digest from the registry"
    )]
    Length {
        /// How many there should be.
        expected: usize,
        /// How many there are.
        found: usize,
    },
    /// Its hexadecimal digits are in upper case.
    #[error("its hexadecimal digits must be in lower case")]
    UpperCase,
    /// It has other characters than hexadecimal digits.
    #[error("it has other characters than hexadecimal digits; copy the whole digest from the registry")]
    NotHexadecimal,
    /// It stands alone.
    #[error("64 hexadecimal digits alone name no image; write REPOSITORY@sha256: before them")]
    Bare,
}

/// What is wrong with a reference otherwise.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub enum Malformation {
    /// Nothing is there.
    #[error("it is empty; a variable may have no value")]
    Empty,
    /// Blanks or a line's end stand at its ends.
    #[error("blanks or line breaks stand at its ends, and kubelet does not remove them")]
    BlankAtTheEnds,
    /// A blank stands within it.
    #[error("it has a blank in it")]
    Blank,
    /// A quotation mark stands in it.
    #[error("it has a quotation mark in it")]
    Quote,
    /// A character stands in it that no reference may have.
    #[error("it has the character U+{code:04X} in it; letters, digits and . _ - / : @ are allowed")]
    Character {
        /// Its number in Unicode.
        code: u32,
    },
    /// It ends in a colon.
    #[error("no tag follows the colon; a variable may have no value")]
    EmptyTag,
    /// It ends in a slash.
    #[error("it ends in a slash")]
    TrailingSlash,
    /// Two slashes follow one another, or it starts with one.
    #[error("a part of the path is empty; a variable may have no value")]
    EmptyComponent,
    /// A part of the path is not as it must be.
    #[error(
        "'{component}' cannot be a part of the path; lower-case letters and digits with . _ __ or - between them can"
    )]
    Component {
        /// The part, cleaned.
        component: Foreign,
    },
    /// The repository is too long.
    #[error("the repository has {length} characters, and 255 are allowed")]
    NameTooLong {
        /// How many it has.
        length: usize,
    },
    /// The tag has other characters than it may have.
    #[error("'{tag}' cannot be a tag; letters, digits, . _ and - can, the first no . or -")]
    Tag {
        /// The tag, cleaned.
        tag: Foreign,
    },
    /// The tag is too long.
    #[error("the tag has {length} characters, and 128 are allowed")]
    TagTooLong {
        /// How many it has.
        length: usize,
    },
    /// What stands for the host is none.
    #[error("'{host}' cannot be a registry's host")]
    Host {
        /// The host, cleaned.
        host: Foreign,
    },
    /// What stands for the port is none.
    #[error("'{port}' is no port; a port is a number from 1 to 65535")]
    Port {
        /// The port, cleaned.
        port: Foreign,
    },
    /// The digest is none; never left in a [`TargetError::Malformed`].
    #[error("{problem}")]
    Digest {
        /// What is wrong with it.
        problem: DigestProblem,
    },
}

impl TargetError {
    /// The id of the cause, as the catalogue has it.
    pub fn cause(&self) -> &'static str {
        match self {
            Self::UnexpandedTemplate { .. } => "UnexpandedTemplateInImage",
            Self::HasScheme { .. } => "ImageRefHasScheme",
            Self::DigestMalformed { .. } => "ImageDigestMalformed",
            Self::Uppercase { .. } => "ImageRefUppercase",
            Self::Malformed { .. } => "ImageRefMalformed",
        }
    }
}
