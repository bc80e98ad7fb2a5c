//! Web pages where something else was expected: captive portals, gateways' error pages.

use crate::glob;
use crate::reply::Reply;
use crate::schema::Page;

/// The page, where it stands before this path.
pub(crate) fn page(page: &Page, path: &str) -> Option<Reply> {
    if !page.paths.is_empty() && !glob::any(&page.paths, path) {
        return None;
    }
    let body = page.body.clone().unwrap_or_else(|| {
        html("Contoso Network Login", "Please sign in to use this network. Terms of use apply.")
    });
    let mut reply = Reply::status(page.status).body(&page.content_type, body);
    if let Some(location) = &page.location {
        reply = reply.header("location", location.clone());
    }
    Some(reply)
}

/// An HTML page.
pub(crate) fn html(title: &str, text: &str) -> String {
    format!(
        "<!DOCTYPE html>\n<html><head><title>{title}</title></head>\n<body><h1>{title}</h1><p>{text}</p></body></html>\n"
    )
}
