//! The words of a condition.

/// A word or a sign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token {
    Open,
    Close,
    OpenSet,
    CloseSet,
    Comma,
    Not,
    And,
    Or,
    /// A function, an operator with its quantifier, or a bare value.
    Word(String),
    /// Text in quotes.
    Text(String),
    /// `@Source[name]`, both in lower case.
    Attribute {
        source: String,
        name: String,
    },
}

/// The words of a text; `None` where it has a sign that none of them has.
pub(super) fn tokens(text: &str) -> Option<Vec<Token>> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let sign = match first {
            '(' => Some(Token::Open),
            ')' => Some(Token::Close),
            '{' => Some(Token::OpenSet),
            '}' => Some(Token::CloseSet),
            ',' => Some(Token::Comma),
            '!' => Some(Token::Not),
            _ => None,
        };
        let (token, after) = match (sign, first) {
            (Some(sign), _) => (sign, &rest[1..]),
            (None, '&') => (Token::And, rest.strip_prefix("&&")?),
            (None, '|') => (Token::Or, rest.strip_prefix("||")?),
            (None, '\'') => quoted(&rest[1..])?,
            (None, '@') => attribute(&rest[1..])?,
            (None, c) if c.is_ascii_alphanumeric() => word(rest),
            _ => return None,
        };
        tokens.push(token);
        rest = after.trim_start();
    }
    Some(tokens)
}

/// Text up to its quote; two quotes are one within it, and a backslash keeps what follows.
fn quoted(text: &str) -> Option<(Token, &str)> {
    let mut value = String::new();
    let mut signs = text.char_indices().peekable();
    while let Some((at, sign)) = signs.next() {
        match sign {
            '\'' if signs.peek().is_some_and(|(_, next)| *next == '\'') => {
                value.push('\'');
                signs.next();
            }
            '\'' => return Some((Token::Text(value), &text[at + 1..])),
            '\\' => value.push(signs.next()?.1),
            other => value.push(other),
        }
    }
    None
}

fn attribute(text: &str) -> Option<(Token, &str)> {
    let (source, rest) = text.split_once('[')?;
    let (name, rest) = rest.split_once(']')?;
    let plain = source.chars().all(|c| c.is_ascii_alphabetic());
    let token =
        Token::Attribute { source: source.to_ascii_lowercase(), name: name.trim().to_ascii_lowercase() };
    plain.then_some((token, rest))
}

fn word(text: &str) -> (Token, &str) {
    let end = text.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, ':' | '.' | '_' | '-')));
    let (word, rest) = text.split_at(end.unwrap_or(text.len()));
    let token = match word.to_ascii_lowercase().as_str() {
        "and" => Token::And,
        "or" => Token::Or,
        "not" => Token::Not,
        _ => Token::Word(word.to_owned()),
    };
    (token, rest)
}
