use super::*;
use crate::facts::image::Descriptor;
use crate::foreign::Foreign;

fn platform(text: &str) -> Platform {
    Platform::parse(text).expect(text)
}

#[test]
fn reads_and_normalises() {
    for (given, written) in [
        ("linux/amd64", "linux/amd64"),
        ("Linux/X86_64", "linux/amd64"),
        ("linux/x86-64/v1", "linux/amd64"),
        ("linux/amd64/v3", "linux/amd64/v3"),
        ("linux/aarch64", "linux/arm64"),
        ("linux/arm64/v8", "linux/arm64"),
        ("linux/arm64/8", "linux/arm64"),
        ("linux/arm64/v9", "linux/arm64/v9"),
        ("linux/arm", "linux/arm/v7"),
        ("linux/arm/6", "linux/arm/v6"),
        ("linux/armhf", "linux/arm/v7"),
        ("linux/armel", "linux/arm/v6"),
        ("linux/i386", "linux/386"),
        ("macos/arm64", "darwin/arm64"),
        ("arm64", "linux/arm64"),
        ("s390x", "linux/s390x"),
        ("linux", "linux/amd64"),
        ("windows", "windows/amd64"),
        ("windows(10.0.20348)", "windows(10.0.20348)/amd64"),
        ("windows(10.0.20348)/amd64", "windows(10.0.20348)/amd64"),
        ("windows()/amd64", "windows/amd64"),
        ("os9/vax", "os9/vax"),
    ] {
        assert_eq!(platform(given).to_string(), written, "{given}");
        assert_eq!(platform(written).to_string(), written, "{given}: reading what was written");
    }
    let long = "a".repeat(10_000);
    for bad in [
        "",
        "/",
        "linux/",
        "/amd64",
        "linux/amd64/v1/x",
        "linux/*",
        "windows(10/amd64",
        "windows(1)x/amd64",
        "windows(a b)/amd64",
        "lin ux/amd64",
        "pentium",
        "arm64(1)",
        "linux/ämd64",
        "linux/amd64\n",
        &long,
    ] {
        let error = Platform::parse(bad).expect_err(bad).to_string();
        assert!(!error.contains('\n') && error.len() < 600, "{bad}: {error}");
    }
}

#[test]
fn matches_as_containerd() {
    for (wanted, offered, fits) in [
        ("linux/amd64", "linux/amd64", true),
        ("linux/amd64", "linux/386", true),
        ("linux/386", "linux/amd64", false),
        ("linux/amd64", "linux/amd64/v2", false),
        ("linux/amd64/v3", "linux/amd64/v2", true),
        ("linux/amd64/v3", "linux/amd64", true),
        ("linux/amd64", "linux/arm64", false),
        ("linux/amd64", "windows/amd64", false),
        ("linux/arm64", "linux/arm64/v8", true),
        ("linux/arm64", "linux/arm/v8", true),
        ("linux/arm64", "linux/arm/v5", true),
        ("linux/arm64", "linux/arm64/v9", false),
        ("linux/arm64/v9", "linux/arm64", true),
        ("linux/arm64/v9.1", "linux/arm64/v8.6", true),
        ("linux/arm64/v9.1", "linux/arm64/v8.7", false),
        ("linux/arm64/v8.2", "linux/arm64/v8.1", true),
        ("linux/arm/v7", "linux/arm/v6", true),
        ("linux/arm/v6", "linux/arm/v7", false),
        ("linux/arm/v7", "linux/arm64", false),
        ("linux/s390x", "linux/s390x", true),
        ("linux/amd64", "unknown/unknown", false),
        ("windows/amd64", "windows(10.0.17763.1)/amd64", true),
        ("windows/amd64", "windows/386", false),
        ("windows(10.0.17763)/amd64", "windows(10.0.17763.4010)/amd64", true),
        ("windows(10.0.17763)/amd64", "windows(10.0.17134.1)/amd64", false),
        ("windows(10.0.17763)/amd64", "windows(10.0.20348.1)/amd64", false),
        ("windows(10.0.20348)/amd64", "windows(10.0.17763.1)/amd64", false),
        ("windows(10.0.20348.2113)/amd64", "windows(10.0.20348.1)/amd64", true),
        ("windows(10.0.26100)/amd64", "windows(10.0.20348.1)/amd64", true),
        ("windows(10.0.26100)/amd64", "windows(10.0.26100.1)/amd64", true),
        ("windows(10.0.20348)/amd64", "windows(10.0.26100.1)/amd64", false),
        ("windows(10.0.26100)/amd64", "windows(11.0.26100.1)/amd64", false),
        ("windows(10.0.20348)/amd64", "windows(nonsense)/amd64", false),
        ("windows(10.0.20348)/amd64", "windows/amd64", true),
        ("linux/amd64", "linux(5.10)/amd64", true),
    ] {
        assert_eq!(matches(&platform(wanted), &platform(offered)), fits, "{wanted} <- {offered}");
    }
}

fn index(platforms: &[&str]) -> Vec<PlatformEntry> {
    let entry = |(number, text): (usize, &&str)| PlatformEntry {
        descriptor: Descriptor {
            media_type: Foreign::new("m"),
            digest: number.to_string(),
            size: 1,
            urls: Vec::new(),
        },
        platform: (!text.is_empty()).then(|| platform(text)),
    };
    platforms.iter().enumerate().map(entry).collect()
}

#[test]
fn chooses_the_best() {
    for (wanted, offered, chosen) in [
        ("linux/amd64", &["linux/arm64", "linux/amd64", "unknown/unknown"] as &[&str], Some("1")),
        ("linux/amd64", &["linux/386", "linux/amd64"], Some("1")),
        ("linux/arm64", &["linux/arm/v5", "linux/arm/v7", "linux/arm/v6"], Some("1")),
        ("linux/arm/v7", &["linux/arm/v6", "linux/arm/v7", "linux/arm/v7"], Some("1")),
        ("linux/amd64", &["", "linux/amd64"], Some("1")),
        ("linux/amd64", &["linux/arm64", "", ""], Some("1")),
        ("linux/amd64", &["unknown/unknown", "windows/amd64"], None),
        ("linux/amd64", &[], None),
        (
            "windows(10.0.26100)/amd64",
            &["windows(10.0.20348.9000)/amd64", "windows(10.0.26100.1)/amd64"],
            Some("1"),
        ),
        (
            "windows(10.0.20348)/amd64",
            &["windows(10.0.20348.169)/amd64", "windows(10.0.20348.2113)/amd64"],
            Some("1"),
        ),
        ("windows(10.0.20348)/amd64", &["windows/amd64", "windows(10.0.20348.1)/amd64"], Some("1")),
    ] {
        let entries = index(offered);
        let found = choose(&platform(wanted), &entries).map(|entry| entry.descriptor.digest.as_str());
        assert_eq!(found, chosen, "{wanted} from {offered:?}");
    }
}

#[test]
fn says_what_is_missing() {
    for (wanted, offered, missing) in [
        ("linux/amd64", &["windows/amd64", "unknown/unknown"] as &[&str], Mismatch::Os),
        ("linux/amd64", &[], Mismatch::Os),
        ("linux/amd64", &["linux/arm64", "windows/amd64"], Mismatch::Architecture),
        ("linux/arm/v6", &["linux/arm/v7"], Mismatch::Architecture),
        (
            "windows(10.0.17763)/amd64",
            &["windows(10.0.20348.1)/amd64", "linux/amd64"],
            Mismatch::WindowsVersion,
        ),
        ("windows(10.0.17763)/amd64", &["windows(10.0.17763.1)/arm64"], Mismatch::Architecture),
    ] {
        let offered: Vec<Platform> = offered.iter().map(|text| platform(text)).collect();
        assert_eq!(mismatch(&platform(wanted), offered.iter()), missing, "{wanted}");
    }
}
