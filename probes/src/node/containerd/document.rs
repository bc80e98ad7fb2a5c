//! TOML as containerd's library reads it (go-toml): keys of settings in any case, no mark of byte order.

use toml::{Table, Value};
use toml_parser::Source;
use toml_parser::parser::{Event, EventKind, parse_document};

use crate::facts::node::Place;

/// The bytes as TOML, or where the fault is.
pub(super) fn parse(bytes: &[u8]) -> Result<(&str, Table), Option<Place>> {
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let before = String::from_utf8_lossy(&bytes[..error.valid_up_to()]).into_owned();
        Some(Place::of(&before, before.len()))
    })?;
    if text.starts_with('\u{feff}') {
        return Err(Some(Place { line: 1, column: 1 }));
    }
    let place = |error: toml::de::Error| error.span().map(|span| Place::of(text, span.start));
    text.parse().map(|table| (text, table)).map_err(place)
}

/// The value of a setting: of the key as it is, else in another case.
pub(super) fn field<'a>(table: &'a Table, key: &str) -> Option<&'a Value> {
    table
        .get(key)
        .or_else(|| table.iter().find(|(name, _)| name.eq_ignore_ascii_case(key)).map(|(_, value)| value))
}

/// The table of a setting.
pub(super) fn table<'a>(table: &'a Table, key: &str) -> Option<&'a Table> {
    field(table, key)?.as_table()
}

/// The keys of every line `[key.key]` of a document, in the order of the file; those of lists of tables are not among
/// them.
pub(super) fn headers(text: &str) -> Vec<Vec<String>> {
    let source = Source::new(text);
    let tokens = source.lex().into_vec();
    let mut headers: Vec<Vec<String>> = Vec::new();
    let mut inside = false;
    let mut receive = |event: Event| match event.kind() {
        EventKind::StdTableOpen => {
            inside = true;
            headers.push(Vec::new());
        }
        EventKind::StdTableClose => inside = false,
        EventKind::SimpleKey if inside => {
            let mut key = String::new();
            if let (Some(raw), Some(header)) = (source.get(event), headers.last_mut()) {
                raw.decode_key(&mut key, &mut ());
                header.push(key);
            }
        }
        _ => {}
    };
    parse_document(&tokens, &mut receive, &mut ());
    headers
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_found_in_their_order() {
        let text = "server = '[no]'\n[host.\"https://b\"] # [no]\nca = [ [ 'x' ] ]\n  [ host . 'https://a' . header ]\nx = '''\n[no]\n'''\n\
                    [[list]]\n[host]\n\"c.d\" = { e = 1 }\n[host.\"\\u0065\\\"\"]\n";
        let shown: Vec<String> = headers(text).iter().map(|header| header.join("|")).collect();
        assert_eq!(shown, ["host|https://b", "host|https://a|header", "host", "host|e\""]);
    }

    #[test]
    fn faults_have_their_place() {
        for (text, line, column) in [
            (b"a = 1\nb = \n".as_slice(), 2, 5),
            (b"a = 1\na = 2\n", 2, 1),
            (b"\xef\xbb\xbfa = 1", 1, 1),
            (b"a = 1\n# \xff", 2, 3),
        ] {
            assert_eq!(parse(text).map(|_| ()), Err(Some(Place { line, column })), "{text:?}");
        }
        let (_, table) = parse(b"Server = 1\nserver = 2\n[PLUGINS]\n").expect("TOML");
        assert_eq!(field(&table, "server").and_then(Value::as_integer), Some(2));
        assert!(self::table(&table, "plugins").is_some() && field(&table, "host").is_none());
    }
}
