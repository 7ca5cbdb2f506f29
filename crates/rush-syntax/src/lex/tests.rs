//! Tokens tile the text, and texts end where they should.

use super::lex;

/// The tokens that are not white space, as `Kind(text)`.
fn tokens(text: &str) -> String {
    let lexed = lex(text);
    let mut out = Vec::new();
    for (index, token) in lexed.tokens.iter().enumerate() {
        let end = lexed.tokens.get(index + 1).map_or(text.len(), |it| it.start as usize);
        let content = &text[token.start as usize..end];
        if !content.trim().is_empty() || content.is_empty() {
            out.push(format!("{:?}({content})", token.kind));
        }
    }
    out.extend(lexed.errors.iter().map(|it| format!("{} {:?}", it.code, &text[it.range])));
    out.join(" ")
}

#[track_caller]
fn check(text: &str, expected: &str) {
    assert_eq!(tokens(text), expected);
}

#[test]
fn texts_without_holes_are_one_token() {
    check(r#""a \" b" r"c\" `d 'e' \` f`"#, r#"Text("a \" b") Raw(r"c\") Command(`d 'e' \` f`)"#);
    check("sh\"\"\"\n  a ${b}\n\"\"\" x", "Script(sh\"\"\"\n  a ${b}\n\"\"\") Ident(x)");
}

#[test]
fn holes_nest() {
    check(
        r#""a${f("}")}b""#,
        r#"TextOpen(") Chunk(a) HoleOpen(${) Ident(f) LeftParen(() Text("}") RightParen()) HoleClose(}) Chunk(b) TextClose(")"#,
    );
    check(
        r#""${"${x}"}""#,
        r#"TextOpen(") HoleOpen(${) TextOpen(") HoleOpen(${) Ident(x) HoleClose(}) TextClose(") HoleClose(}) TextClose(")"#,
    );
}

#[test]
fn single_quotes_in_commands_have_no_holes() {
    check(
        "`a '${b}' \"${c}\"`",
        "CommandOpen(`) Chunk(a '${b}' \") HoleOpen(${) Ident(c) HoleClose(}) Chunk(\") TextClose(`)",
    );
}

#[test]
fn a_text_that_is_never_closed_ends_with_its_line() {
    check(
        "a: \"b\nc",
        "Ident(a) Colon(:) TextOpen(\") Chunk(b) TextClose() Ident(c) RUSH0001 \"\\\"b\"",
    );
    check(
        "\"${a\nb",
        "TextOpen(\") HoleOpen(${) Ident(a) HoleClose() TextClose() Ident(b) RUSH0001 \"\\\"${a\"",
    );
}

#[test]
fn a_forgotten_closer_ends_the_text_at_the_next_member() {
    check(
        "  run: sh\"\"\"\n    a\n  dir: \"b\"\n",
        "Ident(run) Colon(:) Script(sh\"\"\"\n    a) Ident(dir) Colon(:) Text(\"b\") RUSH0003 \"dir: \\\"b\\\"\"",
    );
}

#[test]
fn an_unindented_body_is_one_error() {
    check(
        "  run: sh\"\"\"\necho a\necho b\n  \"\"\"\n",
        "Ident(run) Colon(:) Script(sh\"\"\"\necho a\necho b\n  \"\"\") RUSH0003 \"echo a\"",
    );
}

#[test]
fn foreign_comments_are_trivia_with_an_error() {
    check("a # b\nc", "Ident(a) HashComment(# b) Ident(c) RUSH0007 \"#\"");
}
