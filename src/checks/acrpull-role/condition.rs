//! Conditions of role assignments, evaluated for one action at one repository.
//!
//! The language is Azure's ABAC condition format, version 2.0
//! (<https://learn.microsoft.com/azure/role-based-access-control/conditions-format>), as registries use it
//! (<https://learn.microsoft.com/azure/container-registry/container-registry-rbac-abac-repository-permissions>). What is not
//! known of it, or of the request, makes neither yes nor no.

#[path = "condition/tokens.rs"]
mod tokens;

use tokens::{Token, tokens};

use crate::case::azure::permits::{like, matches};

/// The attribute that holds a repository's name, in lower case.
const NAME: &str = "microsoft.containerregistry/registries/repositories:name";

/// How deep parentheses may stand in each other.
const DEPTH: usize = 64;

/// Whether a condition holds: `None` where that cannot be told.
pub(super) fn holds(condition: &str, action: &str, repository: &str) -> Option<bool> {
    let tokens = tokens(condition)?;
    let mut reader = Reader { tokens: &tokens, action, repository };
    let value = reader.any(DEPTH)?;
    // What is left over was not understood.
    if reader.tokens.is_empty() { value } else { None }
}

struct Reader<'a> {
    tokens: &'a [Token],
    action: &'a str,
    repository: &'a str,
}

/// `Some(None)`: read, and not known. `None`: not understood, so that nothing of the whole is known.
type Value = Option<Option<bool>>;

impl Reader<'_> {
    /// Alternatives; the weakest binding.
    fn any(&mut self, depth: usize) -> Value {
        self.joined(depth, (&Token::Or, true), Self::all)
    }

    fn all(&mut self, depth: usize) -> Value {
        self.joined(depth, (&Token::And, false), Self::one)
    }

    /// Parts with a sign between them, of which one that is `enough` decides.
    fn joined(
        &mut self,
        depth: usize,
        (sign, enough): (&Token, bool),
        part: fn(&mut Self, usize) -> Value,
    ) -> Value {
        let mut value = part(self, depth)?;
        while self.takes(sign) {
            let other = part(self, depth)?;
            value = match (value, other) {
                (one, other) if one == Some(enough) || other == Some(enough) => Some(enough),
                (None, _) | (_, None) => None,
                _ => Some(!enough),
            };
        }
        Some(value)
    }

    fn one(&mut self, depth: usize) -> Value {
        let depth = depth.checked_sub(1)?;
        match self.next()? {
            Token::Not => Some(self.one(depth)?.map(|value| !value)),
            Token::Open => {
                let value = self.any(depth)?;
                self.takes(&Token::Close).then_some(value)
            }
            Token::Word(word) if word.eq_ignore_ascii_case("ActionMatches") => {
                let pattern = self.set()?;
                let [pattern] = pattern.as_slice() else { return None };
                Some(Some(matches(pattern, self.action)))
            }
            // A pull has no suboperation that registries name.
            Token::Word(word) if word.eq_ignore_ascii_case("SubOperationMatches") => {
                self.set()?;
                Some(None)
            }
            Token::Word(word) if word.eq_ignore_ascii_case("Exists") => self.exists(),
            Token::Word(word) if word.eq_ignore_ascii_case("NotExists") => {
                Some(self.exists()?.map(|exists| !exists))
            }
            Token::Attribute { source, name } => {
                let Token::Word(operator) = self.next()? else { return None };
                let values = self.values()?;
                // Registries may say the name in the request or of the resource; either is the repository's.
                let known = ["request", "resource"].contains(&source.as_str()) && name == NAME;
                Some(if known { compare(self.repository, &operator, &values) } else { None })
            }
            _ => None,
        }
    }

    fn exists(&mut self) -> Value {
        let Token::Attribute { name, .. } = self.next()? else { return None };
        Some((name == NAME).then_some(true))
    }

    /// One value, or several in braces.
    fn values(&mut self) -> Option<Vec<String>> {
        match self.tokens.first()? {
            Token::Text(text) => {
                let text = text.clone();
                self.next();
                Some(vec![text])
            }
            Token::OpenSet => self.set(),
            // A number, a truth value, or another attribute: known to be there, and not compared.
            Token::Word(_) | Token::Attribute { .. } => {
                self.next();
                Some(Vec::new())
            }
            _ => None,
        }
    }

    fn set(&mut self) -> Option<Vec<String>> {
        if !self.takes(&Token::OpenSet) {
            return None;
        }
        let mut values = Vec::new();
        loop {
            match self.next()? {
                Token::Text(text) => values.push(text),
                Token::CloseSet if values.is_empty() => return Some(values),
                _ => return None,
            }
            match self.next()? {
                Token::Comma => {}
                Token::CloseSet => return Some(values),
                _ => return None,
            }
        }
    }

    fn next(&mut self) -> Option<Token> {
        let (first, rest) = self.tokens.split_first()?;
        self.tokens = rest;
        Some(first.clone())
    }

    fn takes(&mut self, wanted: &Token) -> bool {
        let there = self.tokens.first() == Some(wanted);
        if there {
            self.next();
        }
        there
    }
}

/// What an operator makes of a name and values; `None` for one that is not known.
fn compare(name: &str, operator: &str, values: &[String]) -> Option<bool> {
    let (quantifier, operator) = operator.split_once(':').unwrap_or(("", operator));
    let base = operator.strip_suffix("IgnoreCase").unwrap_or(operator);
    let folded = base.len() != operator.len();
    let (negated, base) = match base.strip_prefix("StringNot") {
        Some(rest) => (true, rest),
        None => (false, base.strip_prefix("String")?),
    };
    if values.is_empty() {
        return None;
    }
    let fold = |text: &str| if folded { text.to_lowercase() } else { text.to_owned() };
    let name = fold(name);
    let test = |value: &String| {
        let value = fold(value);
        let is = match base {
            "Equals" => name == value,
            "StartsWith" => name.starts_with(&value),
            // `*` and `?`, as in a file's name.
            "Like" => like(&value, &name),
            _ => return None,
        };
        Some(is != negated)
    };
    let tested: Option<Vec<bool>> = values.iter().map(test).collect();
    let tested = tested?;
    // One name is any and all of the names at once.
    match quantifier {
        "" if tested.len() == 1 => tested.first().copied(),
        "ForAnyOfAnyValues" | "ForAllOfAnyValues" => Some(tested.contains(&true)),
        "ForAnyOfAllValues" | "ForAllOfAllValues" => Some(!tested.contains(&false)),
        _ => None,
    }
}

#[cfg(test)]
#[path = "condition/tests.rs"]
mod tests;
