//! What a task makes is seen by a task behind it, however the one names its outputs and the other its inputs, and
//! whatever puts the one before the other.

use rush_plan::{EdgeReason, Node};

use super::workshop::{Workshop, cached, makes};
use crate::fixture::{edges, node};

const OUTPUTS: [&str; 4] = ["dist/x.i", "dist", "dist/*", "dist/**"];
const INPUTS: [&str; 5] = ["dist/x.i", "dist", "dist/*", "dist/**", "**"];

/// What comes between the two, or the reason for which one comes first.
#[derive(Clone, Copy, Debug)]
enum Way {
    Directly(EdgeReason),
    /// The second one needs something that needs the first one.
    Through,
}

const WAYS: [Way; 5] = [
    Way::Directly(EdgeReason::Needs),
    Way::Directly(EdgeReason::Sequence),
    Way::Directly(EdgeReason::Request),
    Way::Directly(EdgeReason::After),
    Way::Through,
];

fn project(shop: &Workshop, output: &str, input: &str, way: Way) -> Vec<Node> {
    let script = "mkdir -p dist; cp src/a dist/x.i";
    let build = node("build", makes(&["src/a"], &[output], script), &[]);
    let deploy = cached(makes(&[input, "!src/**", "!out"], &["out"], "cat dist/x.i > out"), shop);
    match way {
        Way::Directly(reason) => vec![build, edges("deploy", deploy, &["build"], reason)],
        Way::Through => {
            let mid = node("mid", makes(&["note"], &[], "true"), &["build"]);
            vec![build, mid, node("deploy", deploy, &["mid"])]
        }
    }
}

fn check(output: &str, input: &str, way: Way) {
    let shop = Workshop::new();
    let expect = |text: &str, runs: usize| {
        let ran = shop.run(project(&shop, output, input, way));
        let seen = (shop.read("out"), shop.runs());
        assert_eq!(seen, (text.to_owned(), runs), "{output} {input} {way:?}: {}", ran.ends());
    };
    shop.write("note", "note");
    shop.write("src/a", "one");
    expect("one", 1);
    shop.write("src/a", "two, and longer");
    expect("two, and longer", 2);
    shop.write("src/a", "one");
    expect("one", 2);
}

#[test]
fn what_is_made_is_seen_however_it_is_named() {
    for output in OUTPUTS {
        for input in INPUTS {
            for way in WAYS {
                check(output, input, way);
            }
        }
    }
}
