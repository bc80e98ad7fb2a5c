//! What an operator's sign-in tells of a registry and a cluster, against a small Azure on loopback.

#[path = "azure/asking.rs"]
mod asking;
#[path = "azure/rights.rs"]
mod rights;
#[path = "azure/signing_in.rs"]
mod signing_in;
