//! A page's command line: variables, words, and a file for standard input.

use std::collections::BTreeMap;

/// A command line, split.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Command {
    /// Variables before the command: `HTTPS_PROXY=http://...`.
    pub env: BTreeMap<String, String>,
    /// The words, the program's name first.
    pub args: Vec<String>,
    /// The file after `<`.
    pub stdin: Option<String>,
}

/// A command line that cannot be split.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum CommandError {
    /// A quote is open at the end.
    #[error("a quote is not closed")]
    OpenQuote,
    /// It is not pullcheck that is called.
    #[error("the command is not 'pullcheck'")]
    Program,
    /// Nothing stands after `<`.
    #[error("no file after '<'")]
    NoFile,
}

impl Command {
    /// Splits a line; `$DIR` becomes `dir` everywhere.
    pub fn parse(line: &str, dir: &str) -> Result<Self, CommandError> {
        let mut words = split(line)?.into_iter().map(|word| word.replace("$DIR", dir)).peekable();
        let mut command = Self::default();
        while let Some((name, value)) = words.peek().and_then(|word| assignment(word)) {
            command.env.insert(name, value);
            words.next();
        }
        while let Some(word) = words.next() {
            match word.strip_prefix('<') {
                Some("") => command.stdin = Some(words.next().ok_or(CommandError::NoFile)?),
                Some(file) => command.stdin = Some(file.to_owned()),
                None => command.args.push(word),
            }
        }
        if command.args.first().is_none_or(|program| program != "pullcheck") {
            return Err(CommandError::Program);
        }
        Ok(command)
    }

    /// Whether a flag is among the words, alone or as `FLAG=VALUE`.
    pub fn has(&self, flag: &str) -> bool {
        self.args
            .iter()
            .any(|word| word == flag || word.strip_prefix(flag).is_some_and(|rest| rest.starts_with('=')))
    }

    /// The verb.
    pub fn verb(&self) -> Option<&str> {
        self.args.get(1).map(String::as_str)
    }

    /// The same with the flags that lead into the world, for the verbs that look; a kind of flag that the page gives
    /// itself stays the page's.
    pub fn wired(mut self, flags: &[String]) -> Self {
        if !matches!(self.verb(), Some("check" | "scan" | "why" | "serve")) {
            return self;
        }
        let given: Vec<bool> = flags
            .chunks(2)
            .map(|pair| pair.first().is_some_and(|flag| flag != "--connect-to" && self.has(flag)))
            .collect();
        for (pair, given) in flags.chunks(2).zip(given) {
            if !given {
                self.args.extend_from_slice(pair);
            }
        }
        self
    }

    /// The same with JSON as its only output.
    pub fn as_json(mut self) -> Self {
        let mut kept = Vec::new();
        let mut words = std::mem::take(&mut self.args).into_iter();
        while let Some(word) = words.next() {
            match word.as_str() {
                "-o" | "--output" => drop(words.next()),
                text if text.starts_with("--output=") || text.starts_with("-o=") => {}
                "-q" | "-v" => {}
                _ => kept.push(word),
            }
        }
        kept.extend(["-o".to_owned(), "json".to_owned()]);
        self.args = kept;
        self
    }
}

fn assignment(word: &str) -> Option<(String, String)> {
    let (name, value) = word.split_once('=')?;
    let plain = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    plain.then(|| (name.to_owned(), value.to_owned()))
}

fn split(line: &str) -> Result<Vec<String>, CommandError> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote: Option<char> = None;
    for c in line.chars() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (None, '\'' | '"') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (None, c) if c.is_whitespace() => words.extend(word.take()),
            (_, c) => word.get_or_insert_default().push(c),
        }
    }
    if quote.is_some() {
        return Err(CommandError::OpenQuote);
    }
    words.extend(word);
    Ok(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splits_as_a_shell_does() {
        let line = "HTTPS_PROXY=http://p:1 pullcheck check 'a b:c' --username u --docker-config $DIR/x.json < $DIR/pw";
        let command = Command::parse(line, "/tmp/w").expect("a command");
        assert_eq!(command.env["HTTPS_PROXY"], "http://p:1");
        assert_eq!(
            command.args,
            ["pullcheck", "check", "a b:c", "--username", "u", "--docker-config", "/tmp/w/x.json"]
        );
        assert_eq!(command.stdin.as_deref(), Some("/tmp/w/pw"));
        assert_eq!(Command::parse("pullcheck 'x", ""), Err(CommandError::OpenQuote));
        assert_eq!(Command::parse("ls", ""), Err(CommandError::Program));
    }

    #[test]
    fn a_flag_of_the_page_stays() {
        let flags = ["--resolver", "1", "--connect-to", "2", "--ca-file", "3"].map(str::to_owned);
        let command =
            Command::parse("pullcheck check a --ca-file mine -o short", "").expect("a command").wired(&flags);
        assert_eq!(
            command.args[3..],
            ["--ca-file", "mine", "-o", "short", "--resolver", "1", "--connect-to", "2"]
        );
        let json = command.as_json();
        assert!(json.args.ends_with(&["-o".to_owned(), "json".to_owned()]) && !json.has("short"));
        let command = Command::parse("pullcheck explain TagNotFound", "").expect("a command").wired(&flags);
        assert_eq!(command.args.len(), 3);
    }
}
