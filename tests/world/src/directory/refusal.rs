//! Why Entra gives no token: its codes, statuses and words.

use std::fmt::Write as _;

/// A refusal. The words are Entra's as recorded; where no record was found, they are as its reference of codes has them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// No tenant of this id in this cloud.
    TenantNotFound(String),
    /// What stands for the tenant is no id and no domain.
    TenantMalformed(String),
    /// The path stands for whoever signs in, and an application is no such.
    NoTenant,
    /// Something else than POST.
    PostOnly(String),
    /// A field of the form is missing.
    ParameterMissing(&'static str),
    /// A grant that applications do not have.
    GrantUnsupported(String),
    /// The tenant has no such application.
    ApplicationNotFound {
        /// The client id.
        app: String,
    },
    /// The application has no service principal in its tenant.
    NoServicePrincipal {
        /// The client id.
        app: String,
        /// The tenant.
        tenant: String,
    },
    /// The application is switched off.
    Disabled {
        /// The client id.
        app: String,
        /// Its name.
        name: String,
    },
    /// Conditional Access.
    BlockedByPolicy,
    /// The tenant has no such user.
    UserNotFound {
        /// The name.
        name: String,
        /// The tenant.
        tenant: String,
    },
    /// The user is switched off.
    UserDisabled,
    /// A wrong password.
    PasswordInvalid,
    /// A password is not enough.
    SecondFactor,
    /// A refresh token that is none.
    RefreshTokenInvalid,
    /// Neither secret nor assertion.
    NoCredential,
    /// A wrong secret.
    SecretInvalid(String),
    /// A secret that was right.
    SecretExpired(String),
    /// The scope is no audience with `/.default`.
    ScopeInvalid(String),
    /// Nobody has this audience.
    ResourceNotFound {
        /// The audience.
        resource: String,
        /// The tenant.
        tenant: String,
    },
    /// The assertion is no token.
    AssertionMalformed,
    /// The assertion's certificate is not the application's.
    AssertionKeyUnknown(String),
    /// The assertion is for somebody else.
    AssertionAudience(String),
    /// The assertion speaks of another application.
    AssertionSubject(String),
    /// The assertion is not valid now.
    AssertionTime {
        /// The time.
        now: String,
        /// From when it is valid.
        from: String,
        /// Until when.
        until: String,
    },
    /// The application accepts nobody's tokens.
    FederationMissing(String),
    /// The token's issuer is nobody that the application accepts.
    FederationIssuer(String),
    /// The token is for another audience.
    FederationAudience(String),
    /// The token speaks of somebody else.
    FederationSubject(String),
}

impl Refusal {
    /// The number after AADSTS.
    pub(crate) fn code(&self) -> u32 {
        match self {
            Self::TenantNotFound(_) => 90002,
            Self::TenantMalformed(_) => 900_023,
            Self::NoTenant => 50059,
            Self::PostOnly(_) => 900_561,
            Self::ParameterMissing(_) => 900_144,
            Self::GrantUnsupported(_) => 70003,
            Self::ApplicationNotFound { .. } => 700_016,
            Self::NoServicePrincipal { .. } => 7_000_229,
            Self::Disabled { .. } => 7_000_112,
            Self::BlockedByPolicy => 53003,
            Self::UserNotFound { .. } => 50034,
            Self::UserDisabled => 50057,
            Self::PasswordInvalid => 50126,
            Self::SecondFactor => 50076,
            Self::RefreshTokenInvalid => 9_002_313,
            Self::NoCredential => 7_000_218,
            Self::SecretInvalid(_) => 7_000_215,
            Self::SecretExpired(_) => 7_000_222,
            Self::ScopeInvalid(_) => 70011,
            Self::ResourceNotFound { .. } => 500_011,
            Self::AssertionMalformed => 50027,
            Self::AssertionKeyUnknown(_) => 700_027,
            Self::AssertionAudience(_) => 700_023,
            Self::AssertionSubject(_) => 700_021,
            Self::AssertionTime { .. } => 700_024,
            Self::FederationMissing(_) => 70025,
            Self::FederationIssuer(_) => 700_211,
            Self::FederationAudience(_) => 700_212,
            Self::FederationSubject(_) => 700_213,
        }
    }

    /// The status of the answer.
    pub(crate) fn status(&self) -> u16 {
        match self.error() {
            "invalid_client" => 401,
            _ => 400,
        }
    }

    /// The name of the error.
    pub(crate) fn error(&self) -> &'static str {
        match self {
            Self::TenantNotFound(_) => "invalid_tenant",
            Self::TenantMalformed(_)
            | Self::NoTenant
            | Self::PostOnly(_)
            | Self::ParameterMissing(_)
            | Self::AssertionMalformed => "invalid_request",
            Self::GrantUnsupported(_) => "unsupported_grant_type",
            Self::ApplicationNotFound { .. } | Self::Disabled { .. } => "unauthorized_client",
            Self::BlockedByPolicy
            | Self::UserNotFound { .. }
            | Self::UserDisabled
            | Self::PasswordInvalid
            | Self::SecondFactor
            | Self::RefreshTokenInvalid => "invalid_grant",
            Self::ScopeInvalid(_) => "invalid_scope",
            Self::ResourceNotFound { .. } => "invalid_resource",
            _ => "invalid_client",
        }
    }

    /// Its words, after the code.
    fn words(&self) -> String {
        match self {
            Self::TenantNotFound(tenant) => format!(
                "Tenant '{tenant}' not found. Check to make sure you have the correct tenant ID and are signing into the \
                 correct cloud. Check with your subscription administrator, this may happen if there are no active \
                 subscriptions for the tenant."
            ),
            Self::TenantMalformed(tenant) => format!(
                "Specified tenant identifier '{tenant}' is neither a valid DNS name, nor a valid external domain."
            ),
            Self::NoTenant => {
                "No tenant-identifying information found in either the request or implied by any provided \
                               credentials."
                    .to_owned()
            }
            Self::PostOnly(method) => {
                format!("The endpoint only accepts POST requests. Received a {method} request.")
            }
            Self::ParameterMissing(name) => {
                format!("The request body must contain the following parameter: '{name}'.")
            }
            Self::GrantUnsupported(grant) => {
                format!("The app requested an unsupported grant type '{grant}'.")
            }
            Self::ApplicationNotFound { app } => format!(
                "Application with identifier '{app}' was not found in the directory 'Contoso'. This can happen if the \
                 application has not been installed by the administrator of the tenant or consented to by any user in \
                 the tenant. You may have sent your authentication request to the wrong tenant."
            ),
            Self::NoServicePrincipal { app, tenant } => {
                format!("The client application {app} is missing service principal in the tenant {tenant}.")
            }
            Self::Disabled { app, name } => format!("Application '{app}'({name}) is disabled."),
            Self::BlockedByPolicy => {
                "Access has been blocked by Conditional Access policies. The access policy does \
                                      not allow token issuance."
                    .to_owned()
            }
            Self::UserNotFound { name, tenant } => format!(
                "The user account {name} does not exist in the {tenant} directory. To sign into this application, the \
                 account must be added to the directory."
            ),
            Self::UserDisabled => "The user account is disabled.".to_owned(),
            Self::PasswordInvalid => {
                "Error validating credentials due to invalid username or password.".to_owned()
            }
            Self::SecondFactor => {
                "Due to a configuration change made by your administrator, or because you moved to a new location, \
                 you must use multi-factor authentication to access '797f4846-ba00-4fd7-ba43-dac1f8f63013'."
                    .to_owned()
            }
            Self::RefreshTokenInvalid => "Invalid request. Request is malformed or invalid.".to_owned(),
            Self::NoCredential => {
                "The request body must contain the following parameter: 'client_assertion' or \
                                   'client_secret'."
                    .to_owned()
            }
            Self::SecretInvalid(app) => format!(
                "Invalid client secret provided. Ensure the secret being sent in the request is the client secret \
                 value, not the client secret ID, for a secret added to app '{app}'."
            ),
            Self::SecretExpired(app) => format!(
                "The provided client secret keys for app '{app}' are expired. Visit the Azure portal to create new keys \
                 for your app: https://aka.ms/NewClientSecret, or consider using certificate credentials for added \
                 security: https://aka.ms/certCreds."
            ),
            Self::ScopeInvalid(scope) => format!(
                "The provided value for the input parameter 'scope' is not valid. The scope {scope} is not valid."
            ),
            Self::ResourceNotFound { resource, tenant } => format!(
                "The resource principal named {resource} was not found in the tenant named {tenant}. This can happen \
                 if the application has not been installed by the administrator of the tenant or consented to by any \
                 user in the tenant. You might have sent your authentication request to the wrong tenant."
            ),
            Self::AssertionMalformed => "JWT token is invalid or malformed.".to_owned(),
            Self::AssertionKeyUnknown(thumbprint) => format!(
                "Client assertion contains an invalid signature. [Reason - The key was not found., Thumbprint of key \
                 used by client: '{thumbprint}']"
            ),
            Self::AssertionAudience(audience) => {
                format!("Client assertion audience claim '{audience}' does not match Realm issuer.")
            }
            Self::AssertionSubject(subject) => format!(
                "Client assertion application identifier '{subject}' doesn't match 'client_id' parameter."
            ),
            Self::AssertionTime { now, from, until } => format!(
                "Client assertion is not within its valid time range. Current time: {now}, assertion valid from {from}, \
                 expiry time of assertion {until}."
            ),
            Self::FederationMissing(app) => {
                format!("The client '{app}' has no configured federated identity credentials.")
            }
            Self::FederationIssuer(value) => federation("issuer", value),
            Self::FederationAudience(value) => federation("audience", value),
            Self::FederationSubject(value) => federation("subject", value),
        }
    }

    /// The description, with the ids of the request and its time.
    pub(crate) fn description(&self, trace: &str, correlation: &str, time: &str) -> String {
        let mut text = format!("AADSTS{}: {}", self.code(), self.words());
        // Writing to a String cannot fail.
        let _written = write!(text, " Trace ID: {trace} Correlation ID: {correlation} Timestamp: {time}");
        text
    }
}

fn federation(what: &str, value: &str) -> String {
    format!(
        "No matching federated identity record found for presented assertion {what} '{value}'. Check your federated \
         identity credential Subject, Audience and Issuer against the presented assertion. \
         https://learn.microsoft.com/entra/workload-id/workload-identity-federation"
    )
}
