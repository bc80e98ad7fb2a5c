//! Which nodes are tested, and which others they stand for. Pure.

use std::collections::BTreeMap;

use super::nodes::Listed;
use crate::case::cluster::{LeftOut, Node, Why};

/// Which nodes the user wants.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Nodes {
    /// One of each class: pool, system, architecture, node image.
    #[default]
    OnePerClass,
    /// Every one.
    All,
    /// These.
    Named(Vec<String>),
}

/// What the image is wanted for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Fitting {
    /// The system, where the user named a platform.
    pub(super) os: Option<String>,
    /// The architecture, where the user named one.
    pub(super) architecture: Option<String>,
}

/// Nodes that are tested, and what becomes of the others.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Selection {
    pub(super) tested: Vec<Tested>,
    pub(super) left_out: Vec<LeftOut>,
    /// One of each class that is wanted, where no room is left for any of it.
    pub(super) beyond: Vec<Tested>,
    /// Names that no node has.
    pub(super) missing: Vec<String>,
}

/// A node that is tested.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Tested {
    pub(super) node: Node,
    pub(super) held: bool,
    pub(super) represents: Vec<String>,
}

/// Chooses. Of a class the node that does not list the image comes first: a pull proves only the bytes that a node lacked.
pub(super) fn select(listed: &[Listed], wanted: &Nodes, fitting: &Fitting, most: usize) -> Selection {
    let mut selection = Selection::default();
    let named = |name: &str| matches!(wanted, Nodes::Named(names) if names.iter().any(|n| n == name));
    if let Nodes::Named(names) = wanted {
        let known = |name: &String| listed.iter().any(|l| l.node.name == *name);
        selection.missing = names.iter().filter(|name| !known(name)).cloned().collect();
    }
    let mut classes: BTreeMap<_, Vec<&Listed>> = BTreeMap::new();
    for listed in listed {
        match obstacle(&listed.node, fitting, named(&listed.node.name)) {
            Some(why) => selection.left_out.push(LeftOut { name: listed.node.name.clone(), why }),
            None => classes.entry(listed.node.class()).or_default().push(listed),
        }
    }
    let mut classes: Vec<Vec<&Listed>> = classes.into_values().collect();
    for class in &mut classes {
        class.sort_by(|a, b| (a.held, &a.node.name).cmp(&(b.held, &b.node.name)));
    }
    // The largest classes count most where not all can be tested.
    classes.sort_by_key(|class| std::cmp::Reverse(class.len()));
    let picks: Vec<Vec<&Listed>> = classes
        .iter()
        .map(|class| match wanted {
            Nodes::OnePerClass => class.iter().take(1).copied().collect(),
            Nodes::All => class.clone(),
            Nodes::Named(_) => class.iter().filter(|l| named(&l.node.name)).copied().collect(),
        })
        .collect();
    let mut room = most;
    // One of each class before the second of any.
    let mut taken = vec![0; picks.len()];
    let longest = picks.iter().map(Vec::len).max().unwrap_or_default();
    for turn in 1..=longest {
        for (taken, pick) in taken.iter_mut().zip(&picks) {
            if pick.len() >= turn && room > 0 {
                *taken = turn;
                room -= 1;
            }
        }
    }
    for ((class, pick), taken) in classes.iter().zip(&picks).zip(taken) {
        let tested = &pick[..taken];
        let others = class.iter().filter(|l| !tested.iter().any(|t| t.node.name == l.node.name));
        let mut others: Vec<String> = others.map(|l| l.node.name.clone()).collect();
        others.sort();
        if let (Some(first), true) = (pick.first(), tested.is_empty()) {
            let represents = others.into_iter().filter(|name| *name != first.node.name).collect();
            selection.beyond.push(Tested { node: first.node.clone(), held: first.held, represents });
            continue;
        }
        if tested.is_empty() {
            let left = others.into_iter().map(|name| LeftOut { name, why: Why::NotSelected });
            selection.left_out.extend(left);
            continue;
        }
        for (index, tested) in tested.iter().enumerate() {
            selection.tested.push(Tested {
                node: tested.node.clone(),
                held: tested.held,
                represents: if index == 0 { others.clone() } else { Vec::new() },
            });
        }
    }
    selection.tested.sort_by(|a, b| a.node.name.cmp(&b.node.name));
    selection.left_out.sort_by(|a, b| a.name.cmp(&b.name));
    selection
}

/// Why a node cannot be tested.
fn obstacle(node: &Node, fitting: &Fitting, is_named: bool) -> Option<Why> {
    if node.is_virtual {
        return Some(Why::Virtual);
    }
    if node.deleting {
        return Some(Why::Deleting);
    }
    if node.ready != Some(true) {
        return Some(Why::NotReady);
    }
    let platform = node.platform.as_ref()?;
    match &fitting.os {
        Some(os) if *os != platform.os => {
            return Some(if platform.os == "windows" { Why::Windows } else { Why::NotSelected });
        }
        // An image for Linux fails on every node of Windows, which says nothing: such a node is tested when it is named, or
        // when the platform is.
        None if platform.os == "windows" && !is_named => return Some(Why::Windows),
        _ => {}
    }
    let other = fitting.architecture.as_ref().is_some_and(|wanted| *wanted != platform.architecture);
    (other && !is_named).then_some(Why::NotSelected)
}

#[cfg(test)]
mod tests;
