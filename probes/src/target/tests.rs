use oci_spec::distribution::Reference;

use super::*;

const HEX: &str = "2b7412e6465c3c7fc5bb21d3e6f1917c167358449fecac8176c6e496e5c1f05f";

fn parse(given: &str) -> Target {
    Target::parse(given).unwrap_or_else(|error| panic!("{given}: {error}"))
}

#[test]
fn reads_images() {
    let digest = format!("sha256:{HEX}");
    let long = format!("sha512:{HEX}{HEX}");
    let tag = "v".repeat(128);
    let path = format!("a/{}", "b".repeat(253));
    for (given, reference) in [
        ("nginx", "docker.io/library/nginx:latest"),
        ("nginx:80", "docker.io/library/nginx:80"),
        ("nginx:1.25.3-alpine_3", "docker.io/library/nginx:1.25.3-alpine_3"),
        ("bitnami/redis", "docker.io/bitnami/redis:latest"),
        ("docker.io/nginx", "docker.io/library/nginx:latest"),
        ("index.docker.io/library/nginx:1", "docker.io/library/nginx:1"),
        ("contosoacr.azurecr.io/team/web:v1", "contosoacr.azurecr.io/team/web:v1"),
        ("ContosoACR.azurecr.io/web", "ContosoACR.azurecr.io/web:latest"),
        ("contosoacr.azurecr.io:443/web:V1", "contosoacr.azurecr.io:443/web:V1"),
        ("localhost/x", "localhost/x:latest"),
        ("localhost:5000/x:y", "localhost:5000/x:y"),
        ("registry:5000/x", "registry:5000/x:latest"),
        ("10.0.0.1/x", "10.0.0.1/x:latest"),
        ("a.b/c__d/e.f/g---h/i_j", "a.b/c__d/e.f/g---h/i_j:latest"),
        ("under_score.example/x", "under_score.example/x:latest"),
        (&format!("a.b/c@{digest}"), &format!("a.b/c@{digest}")),
        (&format!("a.b/c:t@{digest}"), &format!("a.b/c:t@{digest}")),
        (&format!("a.b/c@{long}"), &format!("a.b/c@{long}")),
        (&format!("nginx@{digest}"), &format!("docker.io/library/nginx@{digest}")),
        (&format!("a.b/c:{tag}"), &format!("a.b/c:{tag}")),
        (&format!("a.b/{path}"), &format!("a.b/{path}:latest")),
        ("sha256:abc", "docker.io/library/sha256:abc"),
        ("foo.bar:v1", "docker.io/library/foo.bar:v1"),
        ("localhost:v1", "docker.io/library/localhost:v1"),
        ("nginx:None", "docker.io/library/nginx:None"),
    ] {
        let target = parse(given);
        assert_eq!(target.reference(), reference, "{given}");
        assert!(!target.is_registry(), "{given}");
        // The other implementation of the grammar agrees.
        let judge: Reference = given.parse().unwrap_or_else(|error| panic!("{given}: {error}"));
        assert_eq!(judge.whole(), reference, "{given}");
    }
    // What newer versions of Go's package read otherwise than the judge: IPv6, and upper case as a host.
    assert_eq!(parse("MyOrg/app").reference(), "MyOrg/app:latest");
    assert_eq!(parse("[2001:db8::1]:5000/x").reference(), "[2001:db8::1]:5000/x:latest");
}

#[test]
fn reads_registries() {
    for (given, registry, host, port, api_host) in [
        (
            "contosoacr.azurecr.io",
            "contosoacr.azurecr.io",
            "contosoacr.azurecr.io",
            443,
            "contosoacr.azurecr.io",
        ),
        (
            "contosoacr.azurecr.io:443",
            "contosoacr.azurecr.io:443",
            "contosoacr.azurecr.io",
            443,
            "contosoacr.azurecr.io",
        ),
        ("docker.io", "docker.io", "docker.io", 443, "registry-1.docker.io"),
        ("index.docker.io", "docker.io", "docker.io", 443, "registry-1.docker.io"),
        ("localhost", "localhost", "localhost", 443, "localhost"),
        ("localhost:5000", "localhost:5000", "localhost", 5000, "localhost"),
        ("127.0.0.1:65535", "127.0.0.1:65535", "127.0.0.1", 65535, "127.0.0.1"),
        ("[::1]:5000", "[::1]:5000", "::1", 5000, "::1"),
        ("[::1]", "[::1]", "::1", 443, "::1"),
    ] {
        let target = parse(given);
        assert!(target.is_registry() && target.manifest_reference().is_none(), "{given}");
        assert_eq!(
            (target.registry.as_str(), target.host(), target.port(false)),
            (registry, host, port),
            "{given}"
        );
        assert_eq!(
            (target.api_host().as_str(), target.reference().as_str()),
            (api_host, registry),
            "{given}"
        );
    }
    assert_eq!(parse("a.b").port(true), 80);
    let image = Target::parse_image("contosoacr.azurecr.io").expect("an image to kubelet");
    assert_eq!(image.reference(), "docker.io/library/contosoacr.azurecr.io:latest");
}

#[test]
fn says_what_was_implied() {
    for (given, registry, tag, library) in [
        ("nginx", true, true, true),
        ("nginx:1", true, false, true),
        ("bitnami/redis:1", true, false, false),
        ("docker.io/nginx", false, true, true),
        ("a.b/c", false, true, false),
    ] {
        let target = parse(given);
        let implied = (target.implied_registry, target.implied_tag, target.implied_library);
        assert_eq!(implied, (registry, tag, library), "{given}");
    }
    let both = parse(&format!("a.b/c:t@sha256:{HEX}"));
    assert_eq!(both.manifest_reference(), Some(format!("sha256:{HEX}").as_str()));
    assert_eq!((parse("a.b/c:t").manifest_reference(), both.implied_tag), (Some("t"), false));
}

#[test]
fn names_the_most_telling_mistake() {
    let [template, scheme, digest, upper, malformed] = [
        "UnexpandedTemplateInImage",
        "ImageRefHasScheme",
        "ImageDigestMalformed",
        "ImageRefUppercase",
        "ImageRefMalformed",
    ];
    let upper_hex = HEX.to_uppercase();
    let short = &HEX[..63];
    for (given, cause, says) in [
        ("${REGISTRY}/web:v1", template, "'${REGISTRY}'"),
        ("a.b/web:${TAG:-latest}", template, "'${TAG:-latest}'"),
        ("a.b/$IMAGE:v1", template, "'$IMAGE'"),
        ("{{ .Values.image }}:v1", template, "'{{ .Values.image }}'"),
        ("a.b/web:<tag>", template, "'<tag>'"),
        ("a.b/%APP%:v1", template, "'%APP%'"),
        ("None:None", template, "'None'"),
        ("a.b/None:v1", template, "'None'"),
        ("None/web:v1", template, "'None'"),
        ("https://${HOST}/web", template, "'${HOST}'"),
        ("https://contosoacr.azurecr.io/web:v1", scheme, "write contosoacr.azurecr.io/web:v1"),
        ("HTTP://a.b/", scheme, "write a.b"),
        ("docker://nginx", scheme, "write nginx"),
        ("oci://a.b/chart:1", scheme, "write a.b/chart:1"),
        (
            "https://user:secret@a.b/web",
            scheme,
            "'https://a.b/web' starts with a scheme, which no image reference has; write a.b/web",
        ),
        ("https://a.b/web?sig=secret", scheme, "write a.b/web"),
        ("user:secret@a.b/web:v1", digest, "'…@a.b/web:v1'"),
        ("a.b/c@", digest, "nothing follows the @"),
        ("a.b/c@latest", digest, "no algorithm"),
        ("a.b/c@md5:abc", digest, "'md5'"),
        (&format!("a.b/c@sha256:{short}"), digest, "63 hexadecimal digits"),
        (&format!("a.b/c@sha256:{HEX}0"), digest, "65 hexadecimal digits"),
        (&format!("a.b/c@sha512:{HEX}"), digest, "has 128"),
        (&format!("a.b/c@sha256:{upper_hex}"), digest, "lower case"),
        (&format!("a.b/c@sha256:{short}g"), digest, "other characters"),
        (&format!("a.b/C@sha256:{short}"), digest, "63"),
        (HEX, digest, "name no image"),
        ("Nginx", upper, "write nginx"),
        ("a.b/Team/Web:V1", upper, "write a.b/team/web:V1"),
        ("A.b/Team/web", upper, "write A.b/team/web"),
        ("MyOrg/App", upper, "write myorg/app"),
        (&format!("a.b/C@sha256:{HEX}"), upper, "write a.b/c@sha256:"),
        ("", malformed, "empty"),
        ("  \n", malformed, "empty"),
        ("nginx ", malformed, "kubelet does not remove them; write nginx"),
        ("\ta.b/c:v1\n", malformed, "write a.b/c:v1"),
        ("a.b/c :v1", malformed, "blank in it"),
        ("\"a.b/c:v1\"", malformed, "quotation mark in it; write a.b/c:v1"),
        ("a.b/c:", malformed, "no tag follows the colon; a variable may have no value; write a.b/c"),
        ("a.b/c/", malformed, "slash; write a.b/c"),
        ("contosoacr.azurecr.io/", malformed, "slash; write contosoacr.azurecr.io"),
        ("contosoacr.azurecr.io:", malformed, "colon"),
        ("a.b//c", malformed, "part of the path is empty"),
        ("/c", malformed, "part of the path is empty; a variable may have no value; write c"),
        ("a.b/-c", malformed, "'-c'"),
        ("a.b/c..d", malformed, "'c..d'"),
        ("a.b/c___d", malformed, "'c___d'"),
        ("a.b/c:.t", malformed, "'.t'"),
        ("a.b/c:t:u", malformed, "'t:u'"),
        (&format!("a.b/c:{}", "t".repeat(129)), malformed, "129 characters"),
        (&format!("a.b/{}", "c".repeat(256)), malformed, "256 characters"),
        ("a.b:99999/c", malformed, "'99999' is no port"),
        ("a.b:99999", malformed, "'99999' is no port"),
        ("a.b:0/c", malformed, "'0' is no port"),
        ("a.b:x/c", malformed, "'x' is no port"),
        ("a.b:/c", malformed, "'' is no port"),
        ("-a.b/c", malformed, "'-a.b' cannot be a registry's host"),
        ("x_y:5000/c", malformed, "'x_y'"),
        ("a..b/c", malformed, "'a..b'"),
        ("[fe80:g]/c", malformed, "'[fe80:g]'"),
        ("a.b/ünïcode", malformed, "U+00FC"),
        ("a.b/c\0", malformed, "U+0000"),
        ("a.b/c\u{202e}d", malformed, "U+202E"),
        ("a.b/c?x=y", malformed, "'c?x=y'"),
    ] {
        let error = Target::parse(given).expect_err(given);
        let message = error.to_string();
        assert_eq!(error.cause(), cause, "{given}: {message}");
        assert!(message.contains(says), "{given}: {message}");
        assert!(!message.contains(['\n', '\0', '\u{202e}']) && !message.contains("secret"), "{message}");
    }
}

#[test]
fn bears_hostile_text() {
    for piece in [
        "a",
        "a/",
        "a.",
        "A",
        ":",
        "@",
        "/",
        "[",
        "]",
        "[:",
        "$",
        "{{",
        "a@sha256:",
        "://",
        "ä",
        "\u{202e}",
        "%",
        "\0",
    ] {
        let given = piece.repeat(10_000 / piece.len());
        for result in [Target::parse(&given), Target::parse_image(&given)] {
            if let Err(error) = result {
                assert!(error.to_string().chars().count() < 2_000, "{piece}");
            }
        }
    }
}

#[test]
fn survives_json() {
    let target = parse("a.b/c:t");
    let json = serde_json::to_string(&target).expect("written");
    assert!(json.contains("\"impliedRegistry\":false"));
    assert_eq!(serde_json::from_str::<Target>(&json).expect("read"), target);
    let sparse: Target =
        serde_json::from_str(r#"{"given":"a.b","registry":"a.b","newer":1}"#).expect("tolerant");
    assert!(sparse.is_registry());
}
