//! What can be converted, and what can't.

use super::{EBNF, gbnf};

fn check(ebnf: &str, expected: Result<&str, &str>) {
    let made = gbnf(ebnf, &["task"]);
    match expected {
        Ok(line) => {
            let made = made.unwrap();
            assert!(made.lines().any(|it| it == line), "{line}\nis not in\n{made}");
        }
        Err(message) => assert_eq!(made.unwrap_err().to_string(), message),
    }
}

#[test]
fn white_space_stands_where_the_language_has_it() {
    check(
        "file = \"let\" , ID , \"=\" , NUMBER ;",
        Ok("file ::= \"let\" space id blank \"=\" lines number"),
    );
    check("file = \"(\" , ID , \")\" ;", Ok("file ::= \"(\" lines id closing \")\""));
    check("file = [ \"-\" ] , ID ;", Ok("file ::= ( \"-\" lines )? id"));
    check("file = ID , { \"+\" , ID } ;", Ok("file ::= id ( lines \"+\" lines id )*"));
    check(
        "file = \"[\" , [ ID , { S , ID } ] , \"]\" ;",
        Ok("file ::= \"[\" ( lines id ( separator id )* )? closing \"]\""),
    );
    check(
        "file = ID , ( \":\" | \"then\" ) ;",
        Ok("file ::= id ( blank \":\" | lines-or-space \"then\" )"),
    );
}

#[test]
fn names_are_no_reserved_words() {
    check(
        "file = ID ;",
        Ok("id-i ::= ( [abcdeghijklmopqrstuvwxyzA-Z0-9_] letter* | \"f\" id-if | \"n\" id-in )?"),
    );
    check("file = ID ;", Ok("id-in ::= [abcdefghijklmnopqrstuvwxyzA-Z0-9_] letter*"));
    check("file = KIND ;", Ok("kind-word ::= \"task\""));
}

#[test]
fn what_can_not_be_converted_says_why() {
    check("x = ID ;", Err("there is no `file`"));
    check("file = thing ;", Err("`thing` in `file` is nowhere defined"));
    check("file = [ \"a\" ] , more ; more = file , \"b\" ;", Err("`file` begins with itself"));
    check("file = ID", Err("expected `;` in `file`"));
    check("file = ( ID ;", Err("expected `)` in `file`"));
    check("file = ID , ;", Err("something is missing in `file`"));
    check("file = \"a ;", Err("the text `\"a ;` is never closed"));
    check("file = ID * 3 ;", Err("`*` is no sign of EBNF here"));
    check("(* x", Err("a comment `(*` is never closed"));
    check("= ID ;", Err("a production has to begin with its name"));
}

#[test]
fn the_grammar_of_the_language_is_converted() {
    let made = gbnf(EBNF, &["task", "service"]).unwrap();
    insta::assert_snapshot!(made);
}
