//! The groups that a principal is in, at any depth, by Microsoft Graph; asked for once, where they matter.

use std::collections::BTreeSet;

use tokio::sync::OnceCell;

use crate::azure::read;
use crate::azure::sign_in::Operator;
use crate::case::azure::Trouble;

const DURING: &str = "read the groups of who pulls";

pub(super) struct Members<'a, 's, 'n> {
    operator: &'a Operator<'s, 'n>,
    object: Option<&'a str>,
    groups: OnceCell<Result<BTreeSet<String>, Trouble>>,
}

impl<'a, 's, 'n> Members<'a, 's, 'n> {
    pub(super) fn of(operator: &'a Operator<'s, 'n>, object: Option<&'a str>) -> Self {
        Self { operator, object, groups: OnceCell::new() }
    }

    /// The object ids of the groups, in lower case.
    pub(super) async fn groups(&self) -> Result<BTreeSet<String>, Trouble> {
        self.groups.get_or_init(|| self.ask()).await.clone()
    }

    async fn ask(&self) -> Result<BTreeSet<String>, Trouble> {
        let Some(object) = self.object else { return Ok(BTreeSet::new()) };
        let graph = self.operator.graph().await?;
        let path = format!("/v1.0/servicePrincipals/{object}/transitiveMemberOf");
        let list = graph.list(DURING, &path, &[("$select", "id")]).await;
        match list.trouble {
            Some(trouble) => Err(trouble),
            None => Ok(list
                .items
                .iter()
                .filter_map(|item| read::raw(item, "id"))
                .map(str::to_ascii_lowercase)
                .collect()),
        }
    }
}
