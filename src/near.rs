//! Names that come near to one that does not exist.

/// The most names that are offered.
const MOST: usize = 3;

/// The names that were probably meant, the nearest first.
pub(crate) fn to<'a>(meant: &str, names: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let meant: Vec<char> = meant.to_lowercase().chars().take(64).collect();
    let mut near: Vec<(usize, &'a str)> = names
        .filter_map(|name| {
            let lower: Vec<char> = name.to_lowercase().chars().collect();
            let distance = distance(&meant, &lower);
            let part = meant.len() >= 3 && lower.windows(meant.len()).any(|window| window == meant);
            (part || distance <= lower.len().min(meant.len()) / 3).then_some((distance, name))
        })
        .collect();
    near.sort_by_key(|(distance, _)| *distance);
    near.into_iter().take(MOST).map(|(_, name)| name).collect()
}

/// How many letters must be put in, taken out or changed (Levenshtein).
fn distance(one: &[char], other: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (i, a) in one.iter().enumerate() {
        let mut corner = row[0];
        row[0] = i + 1;
        for (j, b) in other.iter().enumerate() {
            let changed = corner + usize::from(a != b);
            corner = row[j + 1];
            row[j + 1] = changed.min(row[j] + 1).min(corner + 1);
        }
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances() {
        for (one, other, expected) in
            [("", "abc", 3), ("abc", "abc", 0), ("kitten", "sitting", 3), ("tsl", "tls", 2)]
        {
            let letters = |text: &str| text.chars().collect::<Vec<_>>();
            assert_eq!(distance(&letters(one), &letters(other)), expected, "{one} {other}");
        }
    }

    #[test]
    fn the_nearest_comes_first() {
        let names = ["DigestNotFound", "TagNotFound", "manifest", "tls"];
        assert_eq!(to("tagnotfund", names.into_iter()), ["TagNotFound"]);
        assert_eq!(to("NotFound", names.into_iter()), ["TagNotFound", "DigestNotFound"]);
        assert_eq!(to("manifests", names.into_iter()), ["manifest"]);
        assert!(to("\u{1b}[31m", names.into_iter()).is_empty());
        assert!(to("", names.into_iter()).is_empty());
    }
}
