//! The command that asks the same question again, for the end of a report.

use probes::credential::Credential;

use crate::case::Case;
use crate::cli::DEFAULT_PLATFORM;

/// The command that asks the same question again: the target, and the flags that make it another question.
pub(super) fn command(case: &Case) -> Vec<String> {
    let mut argv =
        vec!["pullcheck", "check", &case.target.given].into_iter().map(str::to_owned).collect::<Vec<_>>();
    let mut flag = |name: &str, value: Option<String>| {
        argv.push(name.to_owned());
        argv.extend(value);
    };
    if !case.target.is_registry() && case.platform.to_string() != DEFAULT_PLATFORM {
        flag("--platform", Some(case.platform.to_string()));
    }
    match &case.credential {
        Credential::GivenUser { user } => {
            flag("--username", Some(user.clone()));
            flag("--password-stdin", None);
        }
        Credential::DockerConfig { .. } => {
            if let Some(file) = case.settings.get("dockerConfig") {
                flag("--docker-config", Some(file.clone()));
            }
        }
        Credential::Anonymous if case.settings.contains_key("anonymous") => flag("--anonymous", None),
        Credential::Anonymous | Credential::Unknown => {}
    }
    if case.plain_http {
        flag("--plain-http", None);
    }
    argv
}
