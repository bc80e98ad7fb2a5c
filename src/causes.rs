//! The known reasons why an image cannot be pulled: one catalogue, whose doc comments are the explanations.
//!
//! `explain`, the long report and the published table all say the words that stand beside the constants. A new
//! cause goes into the file of its layer, in five sections; its id is API from then on.
//!
//! *Invariant:* pure data. No I/O, and no judgement of a particular case.

/// Makes, for each cause, the constant of its id and its entry in the file's `CAUSES`.
macro_rules! causes {
    ($(
        #[doc = $summary:literal]
        $(#[doc = $line:literal])*
        $id:ident {
            layer: $layer:literal,
            owner: $owner:ident,
            lasting: $lasting:expr,
            place: $place:ident,
            decided_by: [$($decider:ident),+],
            alike: [$($alike:ident),*],
            docs: $docs:expr,
        }
    )+) => {
        $(
            #[doc = $summary]
            $(#[doc = $line])*
            #[expect(non_upper_case_globals, reason = "a cause's constant is spelt like its id, which is API")]
            pub const $id: $crate::causes::CauseId = $crate::causes::CauseId(stringify!($id));
        )+

        /// The causes of this file, in the order of the catalogue.
        pub(super) static CAUSES: &[$crate::causes::Cause] = &[$({
            use $crate::causes::Lasting::*;
            $crate::causes::Cause {
                id: $id,
                layer: $layer,
                owner: $crate::causes::Owner::$owner,
                lasting: $lasting,
                place: $crate::causes::Place::$place,
                decided_by: &[$($crate::causes::Decider::$decider),+],
                alike: &[$(stringify!($alike)),*],
                docs: $docs,
                summary: $summary.trim_ascii(),
                explanation: concat!($summary, $("\n", $line),*),
            }
        }),+];
    };
}

mod acr_cache;
mod blob;
mod clock;
mod dns;
mod entry;
mod http;
mod identity;
mod kubelet;
mod manifest;
mod mirror;
mod node;
mod platform;
mod policy;
mod principal;
mod proxy;
mod pull_secret;
mod reference;
mod role;
mod runtime;
mod secret;
mod short_name;
mod store;
mod tcp;
mod throttling;
mod tls;
mod token;

pub use self::entry::{Cause, CauseId, Decider, Lasting, Owner, Place, SECTIONS};
pub use self::{
    acr_cache::*, blob::*, clock::*, dns::*, http::*, identity::*, kubelet::*, manifest::*, mirror::*,
    node::*, platform::*, policy::*, principal::*, proxy::*, pull_secret::*, reference::*, role::*,
    runtime::*, secret::*, short_name::*, store::*, tcp::*, throttling::*, tls::*, token::*,
};

/// The files of the catalogue in the order of a pull's path.
static CATALOGUE: [&[Cause]; 25] = [
    reference::CAUSES,
    short_name::CAUSES,
    dns::CAUSES,
    tcp::CAUSES,
    tls::CAUSES,
    proxy::CAUSES,
    clock::CAUSES,
    mirror::CAUSES,
    http::CAUSES,
    throttling::CAUSES,
    acr_cache::CAUSES,
    token::CAUSES,
    node::CAUSES,
    principal::CAUSES,
    identity::CAUSES,
    role::CAUSES,
    pull_secret::CAUSES,
    secret::CAUSES,
    manifest::CAUSES,
    policy::CAUSES,
    platform::CAUSES,
    blob::CAUSES,
    runtime::CAUSES,
    store::CAUSES,
    kubelet::CAUSES,
];

/// Every known cause, in the order of a pull's path.
pub fn all() -> impl Iterator<Item = &'static Cause> {
    CATALOGUE.iter().copied().flatten()
}

/// The cause with this id, whatever the case of its letters.
pub fn find(id: &str) -> Option<&'static Cause> {
    all().find(|cause| cause.id.0.eq_ignore_ascii_case(id))
}

#[cfg(test)]
mod tests;
