//! `reference`: whether the image reference is one that the kubelet can read.

use super::{Answer, Check, EVERYWHERE, View};
use crate::causes::{
    ImageDigestMalformed, ImageRefHasScheme, ImageRefMalformed, ImageRefUppercase, UnexpandedTemplateInImage,
};

/// The check.
pub const CHECK: Check = Check {
    id: "reference",
    title: "the reference is one that the kubelet can read",
    explanation: "The reference is read by the grammar of the distribution project, as the kubelet reads it: a host is \
        recognised by a dot, a port or 'localhost', 'nginx' means docker.io/library/nginx:latest, and a digest wins over a \
        tag. A reference that cannot be read is refused before anything is looked at.",
    at: EVERYWHERE,
    per_credential: false,
    needs: &[],
    causes: &[&[
        ImageRefMalformed,
        ImageRefUppercase,
        UnexpandedTemplateInImage,
        ImageRefHasScheme,
        ImageDigestMalformed,
    ]],
    judge,
};

fn judge(view: &View<'_>) -> Option<Answer> {
    let target = &view.case.target;
    // A case can hold only a reference that was read; what could not be read ends the run before it.
    let read = target.reference();
    Some(Answer::pass(if target.given == read {
        read
    } else {
        format!("{} is read as {read}", target.given)
    }))
}
