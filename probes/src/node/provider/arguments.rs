//! What counts of a provider's arguments, as Azure's provider reads them (cloud-provider-azure's
//! `cmd/acr-credential-provider`); all others are dropped.

use crate::facts::node::RegistryMirror;
use crate::node::bare::bare;

/// The most mirrors of one provider.
const MAX_MIRRORS: usize = 64;

/// What counts of a provider's arguments.
#[derive(Default)]
pub(super) struct Arguments {
    /// The first argument that is a whole path.
    pub(super) settings: Option<String>,
    /// The pairs of the last `--registry-mirror`.
    pub(super) mirrors: Vec<RegistryMirror>,
    /// Whether there is a flag of identity bindings.
    pub(super) identity_bindings: bool,
}

impl Arguments {
    /// Reads the arguments of a provider.
    pub(super) fn of(arguments: &[String]) -> Self {
        let mut read = Self::default();
        let mut arguments = arguments.iter().map(String::as_str);
        while let Some(argument) = arguments.next() {
            let Some(flag) = argument.strip_prefix('-') else {
                if argument.starts_with('/') {
                    read.settings.get_or_insert_with(|| argument.to_owned());
                }
                continue;
            };
            let (name, value) = match flag.split_once('=') {
                Some((name, value)) => (name, Some(value)),
                None => (flag, None),
            };
            read.identity_bindings |= name.starts_with("-ib-");
            match name {
                "r" | "-registry-mirror" => {
                    read.mirrors = value.or_else(|| arguments.next()).map(mirrors).unwrap_or_default();
                }
                // A letter may stand before its value without a space.
                short if short.starts_with('r') => {
                    read.mirrors = mirrors(flag.strip_prefix('r').unwrap_or_default());
                }
                // These take a value, which is no path then.
                "v" | "-v" | "-vmodule" if value.is_none() => drop(arguments.next()),
                long if long.starts_with("-ib-") && value.is_none() => drop(arguments.next()),
                _ => {}
            }
        }
        read
    }
}

/// Pairs of `SOURCE:TARGET`. A pair with a port in it is none, as it is none for the provider.
fn mirrors(value: &str) -> Vec<RegistryMirror> {
    let value = value.trim().replace(' ', "");
    let pair = |pair: &str| {
        let (source, target) = pair.split_once(':').filter(|(_, target)| !target.contains(':'))?;
        Some(RegistryMirror { source: bare(source), target: bare(target) })
    };
    value.split(',').filter_map(pair).take(MAX_MIRRORS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_counts_is_kept() {
        for (arguments, settings, mirrors, bindings) in [
            ("/etc/kubernetes/azure.json", Some("/etc/kubernetes/azure.json"), "", false),
            ("get-credentials a/b== /a.json /b.json", Some("/a.json"), "", false),
            (
                "-v 2 /a.json --registry-mirror=mcr.microsoft.com:c.azurecr.io",
                Some("/a.json"),
                "mcr.microsoft.com>c.azurecr.io",
                false,
            ),
            ("--registry-mirror a:b,c:d:5000,e -r g:h,i:j", None, "g>h i>j", false),
            ("-ra:b /x", Some("/x"), "a>b", false),
            ("-r=a:b", None, "a>b", false),
            ("-r", None, "", false),
            ("/a.json --ib-sni-name=x --ib-apiserver-ip /y", Some("/a.json"), "", true),
            ("--ib-default-client-id /y /a.json", Some("/a.json"), "", true),
            ("", None, "", false),
        ] {
            let words: Vec<String> = arguments.split_whitespace().map(str::to_owned).collect();
            let read = Arguments::of(&words);
            let pairs: Vec<String> =
                read.mirrors.iter().map(|m| format!("{}>{}", m.source, m.target)).collect();
            assert_eq!(read.settings.as_deref(), settings, "{arguments}");
            assert_eq!(pairs.join(" "), mirrors, "{arguments}");
            assert_eq!(read.identity_bindings, bindings, "{arguments}");
        }
    }
}
