use super::*;

const TEXT: &str = "# The tag is missing\n\nStory: somebody removed\nthe tag.\n\n```toml world\nimage = []\n```\n\n\
                    ```json secret.json\n{}\n```\n\n```console\n$ pullcheck check \\\n    a.azurecr.io/b:c\nold\n```\n\n\
                    ```toml verdict\nstatus = \"healthy\"\nexit = 0\n```\n\nMore words.\n";

#[test]
fn a_page_has_its_parts() {
    let page = Page::parse(TEXT).expect("a page");
    assert_eq!(page.title, "The tag is missing");
    assert_eq!(page.story, "somebody removed\nthe tag.");
    assert_eq!(page.world.images, Some(Vec::new()));
    assert_eq!(page.files["secret.json"], "{}\n");
    assert_eq!(page.command, "pullcheck check a.azurecr.io/b:c");
    assert_eq!(page.stdout, "old\n");
    assert_eq!(page.verdict.as_ref().map(|verdict| verdict.exit), Some(0));
}

#[test]
fn a_rewritten_page_reads_as_what_was_written() {
    let page = Page::parse(TEXT).expect("a page");
    let verdict = Verdict {
        status: "unhealthy".to_owned(),
        cause: Some("TagNotFound".to_owned()),
        candidates: vec!["TagNotFound".to_owned()],
        exit: 1,
    };
    let text = page.rewrite("new\nlines", &verdict);
    let again = Page::parse(&text).expect("the page again");
    assert_eq!((again.stdout.as_str(), again.verdict.as_ref()), ("new\nlines\n", Some(&verdict)));
    assert_eq!(again.command, page.command);
    assert!(text.ends_with("More words.\n") && text.contains("    a.azurecr.io/b:c\nnew"));
    assert_eq!(again.rewrite("new\nlines", &verdict), text);
}

#[test]
fn what_is_wrong_is_named_with_its_line() {
    for (text, expected) in [
        ("no title", "line 1"),
        ("# T\n\n```toml world\nregister = 1\n```\n", "register"),
        ("# T\n\n```console\nls\n```\n", "line 3"),
        ("# T\n\n```toml world\n", "line 3: the block is not closed"),
        ("# T\n", "console"),
        ("# T\n\n```console\n$ a\n```\n```console\n$ b\n```\n", "a second block"),
    ] {
        let error = Page::parse(text).expect_err(text).to_string();
        assert!(error.contains(expected), "{error}");
    }
}
