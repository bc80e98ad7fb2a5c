//! Classes, names and limits, one row each.

use probes::foreign::Foreign;
use probes::observation::Platform;

use super::*;

fn node(name: &str, pool: &str, platform: &str) -> Listed {
    let (os, architecture) = platform.split_once('/').expect("os/arch");
    Listed {
        node: Node {
            name: name.to_owned(),
            pool: Some(pool.to_owned()),
            platform: Some(Platform {
                os: os.to_owned(),
                architecture: architecture.to_owned(),
                variant: None,
                os_version: None,
            }),
            image: Foreign::new("img"),
            ready: Some(true),
            ..Node::default()
        },
        held: false,
    }
}

fn cluster() -> Vec<Listed> {
    let mut nodes = vec![
        node("a-0", "a", "linux/amd64"),
        node("a-1", "a", "linux/amd64"),
        node("a-2", "a", "linux/amd64"),
        node("b-0", "b", "linux/arm64"),
        node("w-0", "w", "windows/amd64"),
        node("v-0", "v", "linux/amd64"),
        node("d-0", "a", "linux/amd64"),
        node("n-0", "a", "linux/amd64"),
    ];
    nodes[0].held = true;
    nodes[5].node.is_virtual = true;
    nodes[6].node.deleting = true;
    nodes[7].node.ready = None;
    nodes
}

fn told(selection: &Selection) -> String {
    let tested: Vec<String> =
        selection.tested.iter().map(|t| format!("{}({})", t.node.name, t.represents.join(" "))).collect();
    let left: Vec<String> = selection.left_out.iter().map(|l| format!("{}:{:?}", l.name, l.why)).collect();
    let beyond =
        selection.beyond.iter().map(|t| format!(" beyond:{}({})", t.node.name, t.represents.join(" ")));
    let tested = tested.join(" ") + &beyond.collect::<String>();
    format!("{tested} | {} | {}", left.join(" "), selection.missing.join(" "))
}

#[test]
fn nodes_are_chosen_by_class() {
    let named = |names: &[&str]| Nodes::Named(names.iter().map(|n| (*n).to_owned()).collect());
    let any = Fitting::default();
    let of = |os: &str, architecture: &str| Fitting {
        os: Some(os.to_owned()),
        architecture: Some(architecture.to_owned()),
    };
    let odd = "d-0:Deleting n-0:NotReady v-0:Virtual";
    for (wanted, fitting, most, expected) in [
        // a-1, since a-0 lists the image already.
        (Nodes::OnePerClass, &any, 9, format!("a-1(a-0 a-2) b-0() | {odd} w-0:Windows | ")),
        (Nodes::OnePerClass, &any, 1, format!("a-1(a-0 a-2) beyond:b-0() | {odd} w-0:Windows | ")),
        (Nodes::All, &any, 9, format!("a-0() a-1() a-2() b-0() | {odd} w-0:Windows | ")),
        // One of each class before the second of any.
        (Nodes::All, &any, 3, format!("a-1(a-0) a-2() b-0() | {odd} w-0:Windows | ")),
        (named(&["a-0", "x"]), &any, 9, format!("a-0(a-1 a-2) | b-0:NotSelected {odd} w-0:Windows | x")),
        (
            named(&["w-0"]),
            &any,
            9,
            format!("w-0() | a-0:NotSelected a-1:NotSelected a-2:NotSelected b-0:NotSelected {odd} | "),
        ),
        (
            named(&["n-0"]),
            &any,
            9,
            format!(
                " | a-0:NotSelected a-1:NotSelected a-2:NotSelected b-0:NotSelected {odd} w-0:Windows | "
            ),
        ),
        (
            Nodes::OnePerClass,
            &of("windows", "amd64"),
            9,
            format!("w-0() | a-0:NotSelected a-1:NotSelected a-2:NotSelected b-0:NotSelected {odd} | "),
        ),
        (
            Nodes::OnePerClass,
            &of("linux", "arm64"),
            9,
            format!("b-0() | a-0:NotSelected a-1:NotSelected a-2:NotSelected {odd} w-0:Windows | "),
        ),
        (Nodes::OnePerClass, &any, 0, format!(" beyond:a-1(a-0 a-2) beyond:b-0() | {odd} w-0:Windows | ")),
    ] {
        let selection = select(&cluster(), &wanted, fitting, most);
        assert_eq!(told(&selection), expected, "{wanted:?} {fitting:?} {most}");
    }
    assert_eq!(select(&[], &Nodes::All, &any, 5), Selection::default());
}
