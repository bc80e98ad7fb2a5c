//! Argument lists as text for a shell: the one place where anything is quoted.
//!
//! *Invariant:* what is printed, typed into the shell, runs the program with exactly these arguments.

/// A family of shells.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum Shell {
    /// `sh`, `bash`, `zsh` and their like.
    #[default]
    Posix,
    /// PowerShell 7.
    Pwsh,
}

/// The argument list as one line for the shell.
pub fn quote(argv: &[String], shell: Shell) -> String {
    let mut line = String::new();
    for (position, word) in argv.iter().enumerate() {
        let first = position == 0;
        let bare = match shell {
            Shell::Posix => is_bare_posix(word, first),
            Shell::Pwsh => is_bare_pwsh(word, first),
        };
        if !first {
            line.push(' ');
        }
        match shell {
            _ if bare => line.push_str(word),
            Shell::Posix => {
                line.push('\'');
                line.push_str(&word.replace('\'', r"'\''"));
                line.push('\'');
            }
            Shell::Pwsh => {
                if first {
                    line.push_str("& ");
                }
                line.push('\'');
                for c in word.chars() {
                    line.push(c);
                    if is_pwsh_quote(c) {
                        line.push(c);
                    }
                }
                line.push('\'');
            }
        }
    }
    line
}

/// Whether a POSIX shell takes the word as it is; as the first word, `a=b` would set a variable.
fn is_bare_posix(word: &str, first: bool) -> bool {
    !word.is_empty()
        && word.chars().all(|c| c.is_ascii_alphanumeric() || "_-./:=@%+,".contains(c))
        && (!first || !word.contains('='))
}

/// Whether PowerShell takes the word as it is. It splits a word that starts with a dash at a dot or a colon, takes a
/// comma for a list, an at sign for a splat and `--%` for an order to stop reading.
fn is_bare_pwsh(word: &str, first: bool) -> bool {
    let allowed = if word.starts_with('-') { "_-=" } else { "_-./:=+" };
    !word.is_empty()
        && word != "--"
        && word.chars().all(|c| c.is_ascii_alphanumeric() || allowed.contains(c))
        && (!first || word.starts_with(|c: char| c.is_ascii_alphabetic()))
}

/// Whether PowerShell reads the character as a single quote; it does so for four curly ones too.
fn is_pwsh_quote(c: char) -> bool {
    matches!(c, '\'' | '\u{2018}'..='\u{201b}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(words: &[&str], shell: Shell) -> String {
        quote(&words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>(), shell)
    }

    #[test]
    fn posix() {
        for (words, expected) in [
            (&["az", "acr", "show", "--name", "contosoacr"][..], "az acr show --name contosoacr"),
            (&["curl", "https://a.io:443/v2/"], "curl https://a.io:443/v2/"),
            (&["a", "two words"], "a 'two words'"),
            (&["a", "it's"], r"a 'it'\''s'"),
            (&["a", "'"], r"a ''\'''"),
            (&["a", "say \"hi\""], "a 'say \"hi\"'"),
            (&["a", "$HOME", "`id`", "$(id)"], "a '$HOME' '`id`' '$(id)'"),
            (&["a", "one\ntwo"], "a 'one\ntwo'"),
            (&["a", ""], "a ''"),
            (&["a", "-x", "--name=b", "--"], "a -x --name=b --"),
            (&["a", "[?name=='b'].c"], r"a '[?name=='\''b'\''].c'"),
            (&["a", "*", "~", "#c", "!d", ";", "&", "|", "\\"], r"a '*' '~' '#c' '!d' ';' '&' '|' '\'"),
            (&["A=b", "A=b"], "'A=b' A=b"),
            (&["a", "é"], "a 'é'"),
        ] {
            assert_eq!(line(words, Shell::Posix), expected);
        }
    }

    #[test]
    fn pwsh() {
        for (words, expected) in [
            (&["az", "acr", "show", "--name", "contosoacr"][..], "az acr show --name contosoacr"),
            (&["curl", "https://a.io:443/v2/"], "curl https://a.io:443/v2/"),
            (&["a", "two words"], "a 'two words'"),
            (&["a", "it's"], "a 'it''s'"),
            (&["a", "it\u{2019}s"], "a 'it\u{2019}\u{2019}s'"),
            (&["a", "say \"hi\""], "a 'say \"hi\"'"),
            (&["a", "$HOME", "`id`", "$(id)"], "a '$HOME' '`id`' '$(id)'"),
            (&["a", "one\ntwo"], "a 'one\ntwo'"),
            (&["a", ""], "a ''"),
            (&["a", "-x", "--name=b", "--"], "a -x --name=b '--'"),
            (&["a", "-x:y", "-x.y", "--%"], "a '-x:y' '-x.y' '--%'"),
            (&["a", "@x", "b,c", "%d", "e;f"], "a '@x' 'b,c' '%d' 'e;f'"),
            (&["my tool", "a"], "& 'my tool' a"),
            (&["./tool", "a"], "& './tool' a"),
            (&["7z", "a"], "& '7z' a"),
        ] {
            assert_eq!(line(words, Shell::Pwsh), expected);
        }
    }

    #[test]
    fn nothing_is_nothing() {
        assert_eq!(quote(&[], Shell::Posix), "");
        assert_eq!(quote(&[], Shell::Pwsh), "");
        assert_eq!(Shell::default(), Shell::Posix);
    }
}
