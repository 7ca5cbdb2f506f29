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

/// One that writes, and one for each way to name what it reads.
fn project(shop: &Workshop, output: &str, way: Way) -> Vec<Node> {
    let build = makes(&["src/a"], &[output], "mkdir -p dist; cp src/a dist/x.i");
    let mut nodes = vec![node("build", build, &[])];
    if let Way::Through = way {
        nodes.push(node("mid", makes(&["note"], &[], "true"), &["build"]));
    }
    let deploys = INPUTS.iter().enumerate().map(|(at, input)| {
        let (label, out) = (format!("deploy {at}"), format!("out/{at}"));
        let script = format!("mkdir -p out; cat dist/x.i > {out}");
        let task = cached(makes(&[input, "!src/**", "!note", "!out"], &[&out], &script), shop);
        match way {
            Way::Directly(reason) => edges(&label, task, &["build"], reason),
            Way::Through => node(&label, task, &["mid"]),
        }
    });
    nodes.extend(deploys);
    nodes
}

fn check(output: &str, way: Way) {
    let shop = Workshop::new();
    let expect = |text: &str, runs: usize| {
        let ran = shop.run(project(&shop, output, way));
        let seen: Vec<String> =
            (0..INPUTS.len()).map(|it| shop.read(&format!("out/{it}"))).collect();
        assert_eq!(seen, [text; INPUTS.len()], "{output} {way:?}: {}", ran.ends());
        assert_eq!(shop.runs(), runs * INPUTS.len(), "{output} {way:?}: {}", ran.ends());
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
        for way in WAYS {
            check(output, way);
        }
    }
}
