//! Conditions of role assignments, version 2.0, as far as a registry has attributes: the name of a repository.

use crate::glob;

/// The attribute that a registry gives.
const REPOSITORY: &str = "microsoft.containerregistry/registries/repositories:name";

/// A condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Condition {
    /// One of these holds.
    Any(Vec<Condition>),
    /// All of these hold.
    All(Vec<Condition>),
    /// This does not hold.
    Not(Box<Condition>),
    /// The action is one of these (a pattern).
    Action(String),
    /// The repository's name compares so with one of the texts.
    Repository(Comparison, Vec<String>),
    /// An attribute that registries do not have: never true, whichever way it is compared.
    Foreign,
}

/// How a name is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Comparison {
    how: How,
    ignores_case: bool,
    negated: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum How {
    Equals,
    StartsWith,
    Like,
}

impl Condition {
    /// Reads a condition.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let tokens = tokens(text)?;
        let mut reader = Reader { tokens: &tokens, at: 0 };
        let condition = reader.any()?;
        match reader.peek() {
            None => Ok(condition),
            Some(token) => Err(format!("the condition goes on with {token:?} where it should end")),
        }
    }

    /// Whether it lets an action through that concerns this repository.
    pub(crate) fn lets(&self, action: &str, repository: Option<&str>) -> bool {
        match self {
            Self::Any(parts) => parts.iter().any(|part| part.lets(action, repository)),
            Self::All(parts) => parts.iter().all(|part| part.lets(action, repository)),
            Self::Not(part) => !part.lets(action, repository),
            Self::Action(pattern) => glob::matches(pattern, action),
            Self::Repository(comparison, texts) => {
                repository.is_some_and(|name| comparison.holds(name, texts))
            }
            Self::Foreign => false,
        }
    }

    /// The text of a condition for repositories; none where all are meant.
    pub(crate) fn text_for(patterns: &[String]) -> Option<String> {
        if patterns.iter().any(|pattern| pattern == "*") {
            return None;
        }
        let attribute = "@Request[Microsoft.ContainerRegistry/registries/repositories:name]";
        let one = |pattern: &String| match pattern.split_once('*') {
            None => format!("{attribute} StringEqualsIgnoreCase '{pattern}'"),
            Some((start, "")) => format!("{attribute} StringStartsWithIgnoreCase '{start}'"),
            Some(_) => format!("{attribute} StringLike '{pattern}'"),
        };
        let test = patterns.iter().map(one).collect::<Vec<_>>().join(" OR ");
        let not = |what: &str| {
            format!("!(ActionMatches{{'Microsoft.ContainerRegistry/registries/repositories/{what}/read'}})")
        };
        Some(format!("(({} AND {}) OR ({test}))", not("content"), not("metadata")))
    }
}

impl Comparison {
    fn named(name: &str) -> Option<Self> {
        // What compares lists says how many must agree; a repository has one name.
        let name = name.split_once(':').map_or(name, |(_, name)| name).to_ascii_lowercase();
        let rest = name.strip_prefix("string")?;
        let (negated, rest) = rest.strip_prefix("not").map_or((false, rest), |rest| (true, rest));
        let (rest, ignores_case) = rest.strip_suffix("ignorecase").map_or((rest, false), |rest| (rest, true));
        let how = match rest {
            "equals" => How::Equals,
            "startswith" => How::StartsWith,
            "like" => How::Like,
            _ => return None,
        };
        Some(Self { how, ignores_case, negated })
    }

    fn holds(self, name: &str, texts: &[String]) -> bool {
        let one = |text: &String| {
            let (name, text) = match self.ignores_case {
                true => (name.to_ascii_lowercase(), text.to_ascii_lowercase()),
                false => (name.to_owned(), text.clone()),
            };
            match self.how {
                How::Equals => name == text,
                How::StartsWith => name.starts_with(&text),
                How::Like => glob::matches(&text, &name),
            }
        };
        texts.iter().any(one) != self.negated
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    Sign(char),
    Word(String),
    Text(String),
}

fn tokens(text: &str) -> Result<Vec<Token>, String> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let (token, length) = match first {
            '(' | ')' | '!' | '{' | '}' | ',' => (Token::Sign(first), 1),
            '\'' => {
                let end = rest[1..].find('\'').ok_or("the condition has a text without an end")?;
                (Token::Text(rest[1..=end].to_owned()), end + 2)
            }
            '@' => {
                let end = rest.find(']').ok_or("the condition has an attribute without an end")?;
                (Token::Word(rest[..=end].to_owned()), end + 1)
            }
            _ => {
                let end =
                    rest.find(|c: char| c.is_whitespace() || "()!{},'".contains(c)).unwrap_or(rest.len());
                (Token::Word(rest[..end].to_owned()), end)
            }
        };
        tokens.push(token);
        rest = rest[length..].trim_start();
    }
    Ok(tokens)
}

struct Reader<'a> {
    tokens: &'a [Token],
    at: usize,
}

impl<'a> Reader<'a> {
    fn peek(&self) -> Option<&'a Token> {
        self.tokens.get(self.at)
    }

    fn next(&mut self) -> Result<&'a Token, String> {
        let token = self.tokens.get(self.at).ok_or("the condition ends too early")?;
        self.at += 1;
        Ok(token)
    }

    fn takes(&mut self, wanted: &[&str]) -> bool {
        let found = match self.peek() {
            Some(Token::Word(word)) => wanted.iter().any(|one| word.eq_ignore_ascii_case(one)),
            Some(Token::Sign(sign)) => wanted.contains(&sign.to_string().as_str()),
            _ => false,
        };
        self.at += usize::from(found);
        found
    }

    fn must(&mut self, sign: char) -> Result<(), String> {
        match self.next()? {
            Token::Sign(found) if *found == sign => Ok(()),
            other => Err(format!("the condition has {other:?} where {sign} should be")),
        }
    }

    fn any(&mut self) -> Result<Condition, String> {
        let mut parts = vec![self.all()?];
        while self.takes(&["OR", "||"]) {
            parts.push(self.all()?);
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { Condition::Any(parts) })
    }

    fn all(&mut self) -> Result<Condition, String> {
        let mut parts = vec![self.one()?];
        while self.takes(&["AND", "&&"]) {
            parts.push(self.one()?);
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { Condition::All(parts) })
    }

    fn one(&mut self) -> Result<Condition, String> {
        if self.takes(&["!", "NOT"]) {
            return Ok(Condition::Not(Box::new(self.one()?)));
        }
        if self.takes(&["("]) {
            let inner = self.any()?;
            return self.must(')').map(|()| inner);
        }
        match self.next()? {
            Token::Word(word) if word.eq_ignore_ascii_case("ActionMatches") => {
                let mut patterns = self.texts()?;
                match (patterns.pop(), patterns.is_empty()) {
                    (Some(pattern), true) => Ok(Condition::Action(pattern)),
                    _ => Err("ActionMatches takes one action".to_owned()),
                }
            }
            Token::Word(word) if word.starts_with('@') => self.comparison(word),
            other => Err(format!("the condition has {other:?} where it should say something")),
        }
    }

    fn comparison(&mut self, attribute: &str) -> Result<Condition, String> {
        let Token::Word(operator) = self.next()? else {
            return Err(format!("{attribute} is not compared"));
        };
        let texts = match self.peek() {
            Some(Token::Sign('{')) => self.texts()?,
            _ => match self.next()? {
                Token::Text(text) => vec![text.clone()],
                other => return Err(format!("{attribute} is compared with {other:?}")),
            },
        };
        let (source, name) = attribute.split_once('[').unwrap_or((attribute, ""));
        let known = matches!(source.to_ascii_lowercase().as_str(), "@request" | "@resource");
        if !known || !name.trim_end_matches(']').eq_ignore_ascii_case(REPOSITORY) {
            return Ok(Condition::Foreign);
        }
        let comparison =
            Comparison::named(operator).ok_or_else(|| format!("{operator} does not compare names"))?;
        Ok(Condition::Repository(comparison, texts))
    }

    fn texts(&mut self) -> Result<Vec<String>, String> {
        self.must('{')?;
        let mut texts = Vec::new();
        loop {
            match self.next()? {
                Token::Text(text) | Token::Word(text) => texts.push(text.clone()),
                other => return Err(format!("the condition has {other:?} where a text should be")),
            }
            if !self.takes(&[","]) {
                return self.must('}').map(|()| texts);
            }
        }
    }
}

#[cfg(test)]
#[path = "condition/tests.rs"]
mod tests;
