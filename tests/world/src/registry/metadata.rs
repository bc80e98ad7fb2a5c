//! What the registry has, in lists: the catalogue, and ACR's own `/acr/v1/`.

use serde_json::{Value, json};

use super::access::{Denied, Wanted};
use super::errors::{json as found, text};
use super::{Ask, Registry};
use crate::content::Repository;
use crate::reply::Reply;
use crate::schema::Flavour;

const CREATED: &str = "2026-01-02T03:04:05.6789012Z";

impl Registry {
    /// The catalogue: where nobody signs in, with a user of its own, or for an identity (ACR).
    pub(super) fn catalog(&self, ask: &Ask) -> Reply {
        let wanted = (self.rules.flavour == Flavour::Acr).then_some(Wanted::CATALOG);
        let may = match self.rules.flavour {
            Flavour::Hub | Flavour::Harbor => Err(Denied::NoCredential),
            _ => self.allowed(ask, wanted),
        };
        if let Err(denied) = may {
            return self.denied(ask, denied, wanted);
        }
        let names: Vec<String> = self.content().keys().map(|name| text(name)).collect();
        found(format!("{{\"repositories\":[{}]}}\n", names.join(",")))
    }

    /// `/acr/v1/`: the catalogue, a repository, its tags and its manifests.
    pub(super) fn metadata(&self, ask: &Ask, rest: &str) -> Reply {
        if rest == "_catalog" {
            return self.catalog(ask);
        }
        let (name, list) =
            match ["/_tags", "/_manifests"].into_iter().find_map(|list| Some((rest.split_once(list)?, list)))
            {
                Some(((name, one), list)) => (name, Some((list, one.trim_start_matches('/')))),
                None => (rest, None),
            };
        let wanted = Some(Wanted::metadata(name));
        if let Err(denied) = self.allowed(ask, wanted) {
            return self.denied(ask, denied, wanted);
        }
        let Some(place) = self.content().get(name) else { return self.no_repository(name, "") };
        let mut body = json!({"registry": self.plan.authority(&self.plan.registry), "imageName": name});
        let one = match list {
            None => {
                body["createdTime"] = CREATED.into();
                body["lastUpdateTime"] = CREATED.into();
                body["manifestCount"] = place.documents.len().into();
                body["tagCount"] = place.tags.len().into();
                body["changeableAttributes"] = attributes();
                return found(body.to_string());
            }
            Some(("/_tags", one)) => {
                let all = tags(place);
                if one.is_empty() {
                    body["tags"] = all.into();
                    return found(body.to_string());
                }
                all.into_iter().find(|tag| tag["name"] == one).map(|tag| ("tag", tag)).ok_or(one)
            }
            Some((_, one)) => {
                let all = manifests(place);
                if one.is_empty() {
                    body["manifests"] = all.into();
                    return found(body.to_string());
                }
                all.into_iter()
                    .find(|entry| entry["digest"] == one)
                    .map(|entry| ("manifest", entry))
                    .ok_or(one)
            }
        };
        match one {
            Ok((field, value)) => {
                body[field] = value;
                found(body.to_string())
            }
            Err(reference) => self.no_manifest(name, reference),
        }
    }
}

fn attributes() -> Value {
    json!({"deleteEnabled": true, "writeEnabled": true, "readEnabled": true, "listEnabled": true})
}

fn tags(place: &Repository) -> Vec<Value> {
    let tags = place.tags.iter().map(|(tag, digest)| {
        json!({
            "name": tag, "digest": digest, "createdTime": CREATED, "lastUpdateTime": CREATED, "signed": false,
            "changeableAttributes": attributes(),
        })
    });
    tags.collect()
}

fn manifests(place: &Repository) -> Vec<Value> {
    let manifests = place.documents.iter().map(|(digest, document)| {
        let tags: Vec<&String> =
            place.tags.iter().filter(|(_, named)| named.as_ref() == Some(digest)).map(|(tag, _)| tag).collect();
        json!({
            "digest": digest, "mediaType": document.media_type, "imageSize": document.bytes.len(), "tags": tags,
            "createdTime": CREATED, "lastUpdateTime": CREATED, "changeableAttributes": attributes(),
        })
    });
    manifests.collect()
}
