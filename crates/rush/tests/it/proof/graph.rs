//! Random graphs of tasks, written as a task file.
//!
//! Each task notes in `ledger` when its command begins and ends, and makes a file out of those of the tasks it needs.

use std::fmt::Write as _;

use super::dice::Dice;

/// A task by its number; edges lead to smaller ones.
#[allow(clippy::struct_excessive_bools, reason = "each is drawn on its own")]
pub(super) struct Point {
    pub(super) needs: Vec<usize>,
    pub(super) after: Vec<usize>,
    /// What its command exits with, and whether that may be other than zero.
    pub(super) code: i32,
    pub(super) is_allowed: bool,
    /// Whether it may be answered from the cache.
    pub(super) has_inputs: bool,
    pub(super) millis: u64,
    /// A process of its own session that would live on.
    pub(super) leaves_one: bool,
    /// Hears no signal but the last.
    pub(super) is_deaf: bool,
}

/// What the tasks of a graph may do.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Manners {
    /// Some fail, most are quick.
    Quick,
    /// None fails but with permission; some leave processes behind.
    Slow,
    /// As [`Manners::Slow`], and some hear no signal.
    Deaf,
}

pub(super) fn graph(dice: &mut Dice, size: usize, manners: Manners) -> Vec<Point> {
    (0..size).map(|number| point(dice, number, manners)).collect()
}

fn point(dice: &mut Dice, number: usize, manners: Manners) -> Point {
    let (mut needs, mut after) = (Vec::new(), Vec::new());
    for _ in 0..dice.below(4) {
        if number == 0 {
            break;
        }
        let other = usize::try_from(dice.below(number as u64)).unwrap();
        if needs.contains(&other) || after.contains(&other) {
            continue;
        }
        if dice.once_in(4) { after.push(other) } else { needs.push(other) }
    }
    let is_quick = manners == Manners::Quick;
    let is_allowed = dice.once_in(6);
    let code = if dice.once_in(5) && (is_quick || is_allowed) { 3 } else { 0 };
    Point {
        needs,
        after,
        code,
        is_allowed,
        has_inputs: dice.once_in(3),
        millis: if is_quick { dice.below(30) } else { 20 + dice.below(60) },
        leaves_one: !is_quick && dice.once_in(4),
        is_deaf: manners == Manners::Deaf && dice.once_in(4),
    }
}

pub(super) fn name(number: usize) -> String {
    format!("n{number}")
}

/// The task file; `all` needs or follows everything.
pub(super) fn source(points: &[Point]) -> String {
    let mut text = String::new();
    for (number, point) in points.iter().enumerate() {
        write_task(&mut text, number, point);
    }
    let (failing, sound): (Vec<usize>, Vec<usize>) =
        (0..points.len()).partition(|it| points[*it].code != 0);
    let _ = writeln!(text, "task all {{ needs: {}, after: {} }}", list(&sound), list(&failing));
    text
}

fn write_task(text: &mut String, number: usize, point: &Point) {
    let out = |it: &usize| format!("out/{it}");
    let _ = writeln!(text, "task n{number} {{");
    let _ = writeln!(text, "  needs: {}\n  after: {}", list(&point.needs), list(&point.after));
    let _ = writeln!(text, "  outputs: [\"{}\"]", out(&number));
    let _ = writeln!(text, "  allow_failure: {}", point.is_allowed);
    if point.has_inputs {
        let _ = writeln!(text, "  inputs: [\"in/{number}\"]");
    }
    let read: Vec<String> = point.needs.iter().map(out).collect();
    let _ = writeln!(text, "  run: sh\"\"\"\n    echo begin {number} >> ledger");
    if point.leaves_one {
        text.push_str("    setsid sleep 600 > /dev/null 2>&1 &\n    sleep 600 &\n");
    }
    if point.is_deaf {
        text.push_str("    trap '' INT TERM\n");
    }
    let _ = writeln!(text, "    sleep {:.3}", point.millis as f64 / 1000.0);
    let _ = writeln!(
        text,
        "    echo {number} | cat - in/{number} {} | cksum > out/{number}",
        read.join(" ")
    );
    let _ =
        writeln!(text, "    echo end {number} >> ledger\n    exit {}\n  \"\"\"\n}}", point.code);
}

fn list(numbers: &[usize]) -> String {
    let names: Vec<String> = numbers.iter().map(|it| name(*it)).collect();
    format!("[{}]", names.join(", "))
}

/// How often each task began, by the ledger.
pub(super) fn begins(ledger: &str, number: usize) -> usize {
    let line = format!("begin {number}");
    ledger.lines().filter(|it| *it == line).count()
}
