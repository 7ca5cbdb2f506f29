//! `--help` of a task, made from its parameters.

use rush_engine::{FlagTarget, Form, Project, TaskFlag};

use crate::context::{Context, Stream};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::paint::Paint;
use crate::output::stdout;
use crate::output::table::{self, Cell};

/// Shows what a task does and which flags it takes.
pub(super) fn show(
    ctx: &Context,
    project: &Project,
    label: &str,
    flags: &[TaskFlag],
) -> Result<Exit, Failure> {
    let style = ctx.style(Stream::Stdout);
    let described = rush_engine::describe(project, label)?;
    let mut out = String::new();
    for it in described.iter().filter_map(|it| it.description.doc.as_ref()) {
        out.push_str(it);
        out.push_str("\n\n");
    }
    out.push_str(&format!("{} {}\n", Paint::Heading.on("Usage:", style), usage(label, flags)));
    let groups = [
        ("Flags", FlagTarget::Parameter),
        ("Matrix", FlagTarget::Axis),
        ("Parameters of the file", FlagTarget::FileParameter),
    ];
    for (title, target) in groups {
        let rows: Vec<_> = flags.iter().filter(|it| it.target == target).map(row).collect();
        if !rows.is_empty() {
            out.push_str(&format!("\n{}\n", Paint::Heading.on(&format!("{title}:"), style)));
            out.push_str(&table::render_within(&rows, style, Stream::Stdout.columns()));
        }
    }
    out.push_str("\n`rush run --help` shows the flags of every run\n");
    stdout(&out)?;
    Ok(Exit::DONE)
}

fn usage(label: &str, flags: &[TaskFlag]) -> String {
    let mut words = vec![format!("rush run {label}")];
    let required = flags.iter().filter(|it| it.is_required && it.form != Form::CallOnly);
    words.extend(required.map(typed));
    if flags.iter().any(|it| !it.is_required && it.form != Form::Rest) {
        words.push("[FLAGS]".to_owned());
    }
    words.extend(
        flags.iter().filter(|it| it.form == Form::Rest).map(|it| format!("[{}]", typed(it))),
    );
    words.join(" ")
}

/// How a flag is typed where it stands in place of others.
fn typed(flag: &TaskFlag) -> String {
    let (name, value) = (flag.name.replace('_', "-"), flag.name.to_uppercase());
    match flag.form {
        Form::Switch if flag.default.as_deref() == Some("true") => format!("--no-{name}"),
        Form::Switch => format!("--{name}"),
        Form::Value => format!("--{name} {value}"),
        Form::Repeated => format!("--{name} {value} .."),
        Form::Rest => format!("-- {value}.."),
        Form::CallOnly => format!("({}: ..)", flag.name),
    }
}

/// All ways in which a flag is typed.
fn forms(flag: &TaskFlag) -> String {
    let name = flag.name.replace('_', "-");
    match (flag.form, flag.default.as_deref()) {
        (Form::Switch, Some("false")) => format!("--{name}"),
        (Form::Switch, _) => format!("--{name}, --no-{name}"),
        _ => typed(flag),
    }
}

fn row(flag: &TaskFlag) -> Vec<Cell> {
    let mut notes: Vec<String> = flag.doc.iter().cloned().collect();
    if !flag.choices.is_empty() {
        notes.push(format!("[possible: {}]", flag.choices.join(", ")));
    } else if flag.form != Form::Switch {
        notes.push(format!("[type: {}]", flag.ty));
    }
    match (&flag.default, flag.is_required) {
        (_, true) => notes.push("[required]".to_owned()),
        (Some(default), false) if default != "none" => {
            notes.push(format!("[default: {}]", one_line(default)));
        }
        (Some(_) | None, false) => {}
    }
    if flag.form == Form::CallOnly {
        notes.push("[only by call syntax]".to_owned());
    }
    let name = format!("  {}", forms(flag));
    vec![Cell::painted(name, Paint::Name), Cell::plain(notes.join(" "))]
}

/// A default that is written over several lines, on one.
fn one_line(source: &str) -> String {
    source.split_whitespace().collect::<Vec<_>>().join(" ")
}
