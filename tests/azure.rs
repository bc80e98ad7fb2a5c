//! What an operator's sign-in tells of a registry and a cluster, against a small Azure on loopback.

#[path = "azure/asking.rs"]
mod asking;
#[path = "azure/azure_cli.rs"]
mod azure_cli;
#[path = "azure/facts.rs"]
mod facts;
#[path = "azure/on_a_node.rs"]
mod on_a_node;
#[path = "azure/operator.rs"]
mod operator;
#[path = "azure/rights.rs"]
mod rights;
#[path = "azure/signing_in.rs"]
mod signing_in;
#[path = "azure/troubles.rs"]
mod troubles;
#[path = "azure/where_to_look.rs"]
mod where_to_look;
