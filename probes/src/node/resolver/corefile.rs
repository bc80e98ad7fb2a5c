//! CoreDNS' configuration, as far as it says who is asked for a zone.

/// The most blocks of one corefile.
const MAX_BLOCKS: usize = 256;

/// One server block.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Block {
    /// The zones that it answers, without ports.
    pub(super) zones: Vec<String>,
    /// The addresses that it listens on; on all when there are none.
    pub(super) binds: Vec<String>,
    /// Who is asked for all names of the zone (`forward . TO…`).
    pub(super) forwards: Vec<String>,
    /// The hosts file that is looked at first (`hosts FILE`).
    pub(super) hosts: Option<String>,
}

/// The server blocks of a corefile. Braces count where they are words of their own; those in patterns are none.
pub(super) fn parse(text: &str) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut depth = 0usize;
    for line in text.lines() {
        let mut words: Vec<&str> =
            line.split_whitespace().take_while(|word| !word.starts_with('#')).collect();
        let opens = words.last() == Some(&"{");
        if opens {
            words.pop();
        }
        match (depth, words.as_slice()) {
            (_, ["}", ..]) => depth = depth.saturating_sub(1),
            (0, zones) if opens && blocks.len() < MAX_BLOCKS => {
                blocks.push(Block {
                    zones: zones.iter().filter_map(|zone| name(zone)).collect(),
                    ..Block::default()
                });
            }
            (1, [plugin, arguments @ ..]) => {
                if let Some(block) = blocks.last_mut() {
                    read_plugin(block, plugin, arguments);
                }
            }
            _ => {}
        }
        depth += usize::from(opens);
    }
    blocks
}

fn read_plugin(block: &mut Block, plugin: &str, arguments: &[&str]) {
    let owned = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    match (plugin, arguments) {
        ("bind", addresses) => block.binds.extend(owned(addresses)),
        ("forward", [".", to @ ..]) => block.forwards.extend(owned(to)),
        ("hosts", [file, ..]) => block.hosts = Some((*file).to_owned()),
        _ => {}
    }
}

/// A zone without its scheme, its port and the comma after it.
fn name(zone: &str) -> Option<String> {
    let zone = zone.trim_end_matches(',');
    let zone = zone.split_once("://").map_or(zone, |(_, zone)| zone);
    let zone = zone.rsplit_once(':').map_or(zone, |(zone, _)| zone);
    (!zone.is_empty()).then(|| zone.to_ascii_lowercase())
}
