//! What outlives a world.

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn who_trusts_one_world_trusts_the_next_of_the_same_folder() {
    let folder = tempfile::tempdir().expect("a folder");
    let ground = Ground { state: Some(folder.path().to_owned()), ..Ground::default() };
    let start = |text: &str| {
        let (world, ground) = (text.parse::<World>().expect("a world"), ground.clone());
        async move { world.start_on(&ground).await.expect("a running world") }
    };
    let trusting = {
        let first = start("").await;
        assert_eq!(std::fs::read(folder.path().join("ca.pem")).ok(), std::fs::read(first.ca_file()).ok());
        config(&first)
    };
    let next = start("clock_skew_s = 5").await;
    let stream = shake(&next, REGISTRY, trusting.clone()).await.expect("a handshake");
    let said = exchange(
        stream,
        "GET /v2/ HTTP/1.1\r\nHost: contosoacr.azurecr.io\r\nAuthorization: Basic c2VjcmV0\r\nConnection: close\r\n\r\n",
    )
    .await;
    assert!(said.starts_with("HTTP/1.1 401 "), "{said}");
    let seen = std::fs::read_to_string(folder.path().join("requests.jsonl")).expect("the requests");
    assert!(seen.contains(r#""path":"/v2/""#) && seen.contains(r#""status":401"#), "{seen}");
    assert!(!seen.contains("c2VjcmV0"), "{seen}");
    // A world without the folder is another one.
    let stranger = world("").await;
    let error = shake(&stranger, REGISTRY, trusting).await.expect_err("an unknown authority");
    assert!(error.to_string().starts_with("invalid peer certificate"), "{error}");
}
