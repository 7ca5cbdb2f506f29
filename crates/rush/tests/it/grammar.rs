//! The grammar of task files, as the program prints it.

use crate::rush;

#[test]
fn the_grammar_is_printed_in_two_notations() {
    let plain = rush().args(["grammar"]).status(0).run();
    let ebnf = rush().args(["grammar", "--ebnf"]).status(0).run();
    assert_eq!(plain.stdout, ebnf.stdout);
    assert!(ebnf.stdout.starts_with("(* The grammar of Rush"), "{}", ebnf.stdout);
    let gbnf = rush().args(["grammar", "--gbnf"]).status(0).run();
    assert!(gbnf.stdout.contains("\nroot ::= "), "{}", gbnf.stdout);
    assert!(gbnf.stdout.ends_with('\n'));
}

#[test]
fn one_notation_at_a_time() {
    rush().args(["grammar", "--ebnf", "--gbnf"]).status(2).run();
}
