//! Values that must not be printed.
//!
//! *Invariant:* `Secret` has no `Debug`, `Display` or `Serialize`; what it holds leaves it only where a
//! request is written.

/// A value that cannot be printed, compared or serialised by accident.
#[derive(Clone)]
pub struct Secret<T>(T);

impl<T> Secret<T> {
    /// Wraps a value as soon as it is known to be secret.
    pub fn new(value: T) -> Self {
        Self(value)
    }

    /// The value itself, for the one place that sends it.
    pub fn expose(&self) -> &T {
        &self.0
    }
}
