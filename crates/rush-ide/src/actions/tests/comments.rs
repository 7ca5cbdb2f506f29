//! Comments that are about more than what goes stay.

use super::check;

const HEAD: &str = "// SPDX-License-Identifier: MIT\n";
const LIB: &str = "//- lib.rush\nlet x = \"a\"\n";

#[test]
fn the_head_of_a_file_stays_when_its_first_item_goes() {
    check("inline-all", &format!("{HEAD}let $0x = 1\nlet y = x\n"), &format!("{HEAD}let y = 1\n"));
    check(
        "inline-all",
        &format!("{HEAD}/// Why.\nlet $0x = 1\nlet y = x\n"),
        &format!("{HEAD}let y = 1\n"),
    );
    for above in ["#!/usr/bin/env rush\n", "//! What it does.\n\n"] {
        let head = format!("{above}{HEAD}");
        let (before, after) =
            (format!("{head}let $0x = 1\nlet y = x\n"), format!("{head}let y = 1\n"));
        check("inline-all", &before, &after);
    }
    let importing = format!("//- tasks.rush\n{HEAD}use \"lib.rush\" as lib\n");
    check(
        "inline-here",
        &format!("{importing}let y = lib.x$0\n{LIB}"),
        &format!("{HEAD}let y = \"a\"\n"),
    );
    check(
        &format!("fix:RUSH0110:{}:0", HEAD.len() + "use \"lib.rush\" as ".len()),
        &format!("//- tasks.rush\n{HEAD}use \"lib.rush\" as $0lib\nlet y = 1\n{LIB}"),
        &format!("{HEAD}let y = 1\n"),
    );
}

#[test]
fn comments_about_what_goes_go_along_and_those_about_what_follows_stay() {
    check(
        "inline-all",
        "let a = 1\n\n// About x.\nlet $0x = 1 // Why.\n\n// Part two.\n\nlet y = x\n",
        "let a = 1\n\n// Part two.\n\nlet y = 1\n",
    );
}
