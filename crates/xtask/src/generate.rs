//! A large workspace to measure with: as many tasks as asked for, in one file or in many.
//!
//! Every task has three needs where there are three before it, two parameters, inputs and outputs,
//! and no task reads or writes another's files, so that a check finds nothing and looks at all.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, bail};

/// How large, and in how many files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// How many tasks in all.
    pub tasks: usize,
    /// Over how many packages they are spread; 1 is a single file.
    pub files: usize,
}

/// Runs `cargo xtask generate [--tasks N] [--files N] DIR`.
pub fn main(words: &[&str]) -> Result<()> {
    let mut shape = Shape { tasks: 10_000, files: 1 };
    let mut dir = None;
    let mut words = words.iter();
    while let Some(word) = words.next() {
        match *word {
            "--tasks" => shape.tasks = number(words.next())?,
            "--files" => shape.files = number(words.next())?,
            flag if flag.starts_with('-') => bail!("`generate` has no flag `{flag}`"),
            path => dir = Some(path),
        }
    }
    let dir = dir.context("`generate` needs the directory to write to")?;
    write(Path::new(dir), shape)
}

fn number(word: Option<&&str>) -> Result<usize> {
    let word = word.context("a number is missing")?;
    let number: usize = word.parse().with_context(|| format!("`{word}` is no number"))?;
    if number == 0 {
        bail!("a workspace of nothing can't be measured");
    }
    Ok(number)
}

/// Writes the workspace into a directory, which is created.
pub fn write(dir: &Path, shape: Shape) -> Result<()> {
    if shape.files == 1 {
        return write_file(&dir.join("tasks.rush"), &one_file(shape.tasks));
    }
    write_file(&dir.join("tasks.rush"), "workspace {\n  members: [\"p*\"]\n}\n")?;
    let per_file = shape.tasks.div_ceil(shape.files);
    for package in 0..shape.files {
        let first = package * per_file;
        let count = per_file.min(shape.tasks.saturating_sub(first));
        let text = package_file(package, count);
        write_file(&dir.join(format!("p{package}/tasks.rush")), &text)?;
    }
    Ok(())
}

fn write_file(path: &Path, text: &str) -> Result<()> {
    let parent = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(parent)
        .with_context(|| format!("could not create `{}`", parent.display()))?;
    fs::write(path, text).with_context(|| format!("could not write `{}`", path.display()))
}

/// All tasks in one file.
pub fn one_file(tasks: usize) -> String {
    let mut text = String::from("//! Generated to measure with.\n\nworkspace {}\n");
    for index in 0..tasks {
        let needs: Vec<_> = needed(index).into_iter().map(|it| format!("t{it}")).collect();
        push_task(&mut text, index, &needs);
    }
    text
}

/// One package of many: two needs at home and one in the package before.
fn package_file(package: usize, tasks: usize) -> String {
    let mut text = String::from("//! Generated to measure with.\n");
    let before = package.checked_sub(1).map(|it| format!("p{it}"));
    if let Some(before) = &before {
        let _ = write!(text, "\nuse \"//{before}\" as {before}\n");
    }
    for index in 0..tasks {
        let home = needed(index).into_iter().take(2).map(|it| format!("t{it}"));
        let away = before.iter().map(|it| format!("{it}.t{index}"));
        push_task(&mut text, index, &home.chain(away).collect::<Vec<_>>());
    }
    text
}

/// Three tasks before this one: close, further, far.
fn needed(index: usize) -> Vec<usize> {
    let mut needs: Vec<_> = [index.checked_sub(1), index.checked_sub(7), index.checked_div(2)]
        .into_iter()
        .flatten()
        .collect();
    needs.retain(|it| *it < index);
    needs.sort_unstable();
    needs.dedup();
    needs
}

fn push_task(text: &mut String, index: usize, needs: &[String]) {
    let needs =
        if needs.is_empty() { String::new() } else { format!("  needs: [{}]\n", needs.join(", ")) };
    let _ = write!(
        text,
        "\n/// Part {index} of a large build.\n\
         task t{index}(mode: \"debug\" | \"release\" = \"debug\", level: int(0..=3) = 1) {{\n\
         {needs}  inputs: [\"src/t{index}/**/*.c\"]\n\
         \x20 outputs: [\"out/t{index}/${{mode}}\"]\n\
         \x20 run: `cc -O${{level}} -o out/t{index}/${{mode}} src/t{index}/main.c`\n\
         }}\n",
    );
}

/// The same tasks for just: recipes with parameters, docs and dependencies.
pub fn justfile(tasks: usize) -> String {
    let mut text = String::new();
    for index in 0..tasks {
        let needs =
            needed(index).into_iter().fold(String::new(), |acc, it| acc + &format!(" t{it}"));
        let _ = write!(
            text,
            "# Part {index} of a large build.\nt{index} mode=\"debug\" level=\"1\":{needs}\n    \
             cc -O{{{{level}}}} -o out/t{index}/{{{{mode}}}} src/t{index}/main.c\n\n",
        );
    }
    text
}

/// How many idle tasks stand side by side.
const WIDTH: usize = 50;

/// Three tasks of the layer before: the one behind, its neighbour and one further away.
fn behind(index: usize) -> Vec<usize> {
    let (layer, place) = (index / WIDTH, index % WIDTH);
    let Some(before) = layer.checked_sub(1) else { return Vec::new() };
    [0, 1, 7].iter().map(|away| before * WIDTH + (place + away) % WIDTH).collect()
}

/// A graph of tasks that do nothing, for Rush: layers, so that there is always something to start.
pub fn idle_tasks(tasks: usize) -> String {
    let mut text = String::from("workspace {}\n");
    for index in 0..tasks {
        let needs: Vec<_> = behind(index).into_iter().map(|it| format!("t{it}")).collect();
        let _ = write!(
            text,
            "\ntask t{index} {{\n  needs: [{}]\n  run: `true`\n}}\n",
            needs.join(", ")
        );
    }
    let last = tasks.saturating_sub(1);
    let _ = write!(text, "\ntask everything {{\n  needs: [{}]\n}}\n", joined(0..=last, ", "));
    text
}

/// The same graph for ninja.
pub fn idle_ninja(tasks: usize) -> String {
    let mut text = String::from("rule idle\n  command = true\n");
    for index in 0..tasks {
        let needs =
            behind(index).into_iter().fold(String::new(), |acc, it| acc + &format!(" t{it}"));
        let _ = writeln!(text, "build t{index}: idle{needs}");
    }
    let _ = writeln!(text, "build everything: phony {}", joined(0..=tasks.saturating_sub(1), " "));
    text + "default everything\n"
}

fn joined(range: std::ops::RangeInclusive<usize>, separator: &str) -> String {
    range.map(|it| format!("t{it}")).collect::<Vec<_>>().join(separator)
}

#[cfg(test)]
mod tests {
    use super::{Shape, behind, idle_ninja, idle_tasks, needed, one_file, write};

    #[test]
    fn a_task_needs_three_others_that_come_before_it() {
        assert_eq!(needed(0), Vec::<usize>::new());
        assert_eq!(needed(100), [50, 93, 99]);
        assert!((8..1000).all(|it| needed(it).len() == 3 || needed(it).contains(&(it - 7))));
    }

    #[test]
    fn an_idle_task_needs_the_layer_before_it() {
        assert_eq!(behind(49), Vec::<usize>::new());
        assert_eq!(behind(99), [49, 0, 6]);
        assert_eq!(idle_tasks(200).matches("\ntask ").count(), 201);
        assert_eq!(idle_ninja(200).matches(": idle").count(), 200);
    }

    #[test]
    fn both_shapes_have_all_tasks() {
        assert_eq!(one_file(40).matches("\ntask ").count(), 40);
        let dir = std::env::temp_dir().join(format!("rush-generate-{}", std::process::id()));
        write(&dir, Shape { tasks: 25, files: 10 }).unwrap();
        let tasks = (0..10).map(|it| {
            let text = std::fs::read_to_string(dir.join(format!("p{it}/tasks.rush"))).unwrap();
            text.matches("\ntask ").count()
        });
        assert_eq!(tasks.sum::<usize>(), 25);
        std::fs::remove_dir_all(dir).unwrap();
    }
}
