//! The types of the keys that `AzureClientConfig` takes (cloud-provider-azure's `pkg/provider/config` and
//! `pkg/azclient`); all other keys are ignored, as Go ignores them.

use serde_json::{Map, Value};

use crate::facts::node::{JsonType, WrongType};
use crate::foreign::Foreign;

const STRINGS: [&str; 15] = [
    "cloud",
    "userAgent",
    "resourceManagerEndpoint",
    "tenantId",
    "networkResourceTenantID",
    "aadClientId",
    "aadClientSecret",
    "aadClientCertPath",
    "aadClientCertPassword",
    "userAssignedIdentityID",
    "aadFederatedTokenFile",
    "aadMSIDataPlaneIdentityPath",
    "subscriptionId",
    "identitySystem",
    "networkResourceSubscriptionID",
];
const BOOLEANS: [&str; 8] = [
    "cloudProviderBackoff",
    "disableAzureStackCloud",
    "enableMinimumRetryAfter",
    "useManagedIdentityExtension",
    "useFederatedWorkloadIdentityExtension",
    "cloudProviderRateLimit",
    "disableAPICallCache",
    "listVmssVirtualMachinesWithoutInstanceView",
];
const INTEGERS: [&str; 17] = [
    "cloudProviderBackoffRetries",
    "cloudProviderBackoffDuration",
    "cloudProviderRateLimitBucket",
    "cloudProviderRateLimitBucketWrite",
    "nonVmssUniformNodesCacheTTLInSeconds",
    "vmssCacheTTLInSeconds",
    "vmssVirtualMachinesCacheTTLInSeconds",
    "vmssFlexCacheTTLInSeconds",
    "vmssFlexVMCacheTTLInSeconds",
    "vmCacheTTLInSeconds",
    "loadBalancerCacheTTLInSeconds",
    "nsgCacheTTLInSeconds",
    "routeTableCacheTTLInSeconds",
    "plsCacheTTLInSeconds",
    "availabilitySetsCacheTTLInSeconds",
    "publicIPCacheTTLInSeconds",
    "routeUpdateWaitingInSeconds",
];
const NUMBERS: [&str; 2] = ["cloudProviderRateLimitQPS", "cloudProviderRateLimitQPSWrite"];
const OBJECTS: [&str; 2] = ["auxiliaryTokenProvider", "entries"];

/// The values that Go would not put into its struct.
pub(super) fn wrong_types(fields: &Map<String, Value>) -> Vec<WrongType> {
    let wrong = |(name, value): (&String, &Value)| {
        let wanted = wanted(name)?;
        let found = kind(value);
        (!takes(wanted, value)).then(|| WrongType { key: Foreign::new(name), wanted, found })
    };
    fields.iter().filter_map(wrong).collect()
}

/// The type of a key that the provider takes.
fn wanted(name: &str) -> Option<JsonType> {
    let is_one_of = |names: &[&str]| names.iter().any(|known| known.eq_ignore_ascii_case(name));
    [
        (STRINGS.as_slice(), JsonType::String),
        (&BOOLEANS, JsonType::Boolean),
        (&INTEGERS, JsonType::Integer),
        (&NUMBERS, JsonType::Number),
        (&OBJECTS, JsonType::Object),
    ]
    .into_iter()
    .find_map(|(names, kind)| is_one_of(names).then_some(kind))
}

fn takes(wanted: JsonType, value: &Value) -> bool {
    match (wanted, value) {
        (_, Value::Null) => true,
        (JsonType::String, value) => !value.is_array() && !value.is_object(),
        (JsonType::Boolean, value) => value.is_boolean(),
        (JsonType::Integer, Value::Number(number)) => number.as_f64().is_some_and(|n| n.fract() == 0.0),
        (JsonType::Number, value) => value.is_number(),
        (JsonType::Object, value) => value.is_object(),
        _ => false,
    }
}

/// The type of a value, null left out.
pub(super) fn kind(value: &Value) -> JsonType {
    match value {
        Value::Bool(_) => JsonType::Boolean,
        Value::Number(number) if number.is_f64() => JsonType::Number,
        Value::Number(_) => JsonType::Integer,
        Value::String(_) => JsonType::String,
        Value::Array(_) => JsonType::Array,
        Value::Object(_) => JsonType::Object,
        Value::Null => JsonType::Unknown,
    }
}
