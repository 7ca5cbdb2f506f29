//! Scripts in other languages: which variables they read and set, and what is wrong with that.
//!
//! For `sh`, `bash` and `zsh` this is a reader of the words of the language: quotes, expansions,
//! arithmetic, here-documents, `case`, functions. It knows enough of commands to see what they set
//! (`read x`) and what they run as code (`bash -c ".."`), and nothing of what they do. Of the other
//! languages it knows how they read the environment. It never fails: what it can't read, it skips.

mod arithmetic;
mod case;
pub(crate) mod code;
mod commands;
mod expansion;
mod foreign;
mod heredoc;
mod lint;
mod meaning;
mod reader;
mod report;
pub(crate) mod site;
mod source;
mod variables;
mod word;

#[cfg(test)]
mod tests;

use rush_syntax::ast::Part;
use rustc_hash::{FxHashMap, FxHashSet};
use smol_str::SmolStr;
use text_size::{TextRange, TextSize};

pub use lint::{NameKind, ScopeNames, lint};
pub(crate) use report::read_as_code;
pub use site::{FieldSite, Site};
pub(crate) use variables::is_harmful;

use code::{CodeReader, Remedy};
use reader::Reader;
use source::Source;

/// The language of a script.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Language {
    /// The POSIX shell.
    Sh,
    /// GNU bash.
    Bash,
    /// zsh.
    Zsh,
    /// fish.
    Fish,
    /// PowerShell.
    Pwsh,
    /// Python.
    Python,
    /// JavaScript on Node.
    Node,
    /// Ruby.
    Ruby,
    /// Nushell.
    Nu,
}

/// What a script reads and sets.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScriptFacts {
    /// Every read of a variable, in no promised order.
    pub uses: Vec<VarUse>,
    /// The names the script gives a value itself.
    pub sets: FxHashSet<SmolStr>,
    /// Those among them that it reads only after that, in the order of the text. Another one has its first value from
    /// outside, as in `x=${x%/}`.
    pub own: FxHashSet<SmolStr>,
    /// `${..}` that no shell accepts.
    pub foreign_holes: Vec<ForeignHole>,
    /// Texts that a second shell reads as code.
    pub second_shells: Vec<SecondShell>,
    /// Whether names may be set where nobody can see it: `. file`, `eval`.
    pub has_hidden_sets: bool,
    /// Whether the script reads its arguments: `$@`, `$1`.
    pub reads_arguments: bool,
    /// What the shell takes as it is written, in no promised order: the insides of `'..'`, comments,
    /// here-documents with a quoted end.
    pub literals: Vec<TextRange>,
}

/// A read of a variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VarUse {
    /// The variable.
    pub name: SmolStr,
    /// The whole expansion, `$x` or `${x:-y}`.
    pub range: TextRange,
    /// The name alone.
    pub name_range: TextRange,
    /// The quotes around it.
    pub quoting: Quoting,
    /// Where it stands.
    pub context: Context,
    /// Whether it says what happens if the variable is not set.
    pub has_default: bool,
    /// Whether it is inside `` `..` ``, where quotes nest by other rules.
    pub is_in_backticks: bool,
    /// Whether the text before it in its word opens a quote that a second shell would still be in.
    pub is_in_inner_quotes: bool,
    /// How many command substitutions are around it.
    pub(crate) nesting: u16,
}

/// The quotes around an expansion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quoting {
    /// None.
    Unquoted,
    /// `"$x"`
    DoubleQuoted,
    /// `'$x'`: it looks like an expansion and is none.
    SingleQuoted,
}

/// Where an expansion stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Context {
    /// In a word that is split when not quoted.
    Word,
    /// After `x=`; never split.
    Assignment,
    /// The subject or a pattern of `case`; never split.
    Case,
    /// Inside `[[ ]]`; never split.
    Test,
    /// Inside `$(( ))`, or as a length.
    Arithmetic,
    /// A bare word in `a[..]` or `${x:..}`, which may be a name or a plain word.
    Subscript,
    /// After `for x in`, where splitting is the purpose.
    ForList,
    /// In a here-document; never split.
    HereDocument,
    /// Behind `<<<`; never split.
    HereString,
    /// A bare name as an argument: `export x`, `[ -v x ]`.
    Name,
    /// Where another text takes its place: `${x:+y}`.
    Replaced,
    /// Where it comes out as one word of a shell, with quotes: `${x@Q}`.
    Escaped,
    /// A read of the environment in another language: `os.environ["x"]`.
    Lookup,
    /// A read of the environment that gives a variable of the script the same name:
    /// `const { x } = process.env`.
    Destructured,
}

/// `${..}` that no shell accepts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForeignHole {
    /// What stands between the braces.
    pub expression: SmolStr,
    /// From `$` to `}`.
    pub range: TextRange,
    /// The quotes around it.
    pub quoting: Quoting,
}

/// A text that a second shell reads as code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecondShell {
    /// What starts it: `bash`, `ssh`, `eval`.
    pub program: SmolStr,
    /// How that reads it.
    pub reader: CodeReader,
    /// How a value gets there otherwise.
    pub remedy: Remedy,
    /// The expansions in it, as indices into the facts' uses.
    pub uses: Vec<usize>,
}

impl Language {
    /// The language of a script's tag.
    pub fn from_tag(tag: &str) -> Option<Self> {
        Some(match tag {
            "sh" => Self::Sh,
            "bash" => Self::Bash,
            "zsh" => Self::Zsh,
            "fish" => Self::Fish,
            "pwsh" => Self::Pwsh,
            "python" => Self::Python,
            "node" => Self::Node,
            "ruby" => Self::Ruby,
            "nu" => Self::Nu,
            _ => return None,
        })
    }

    /// Whether this module reads the language word by word, so that it knows all uses.
    pub fn is_posix_family(self) -> bool {
        matches!(self, Self::Sh | Self::Bash | Self::Zsh)
    }
}

/// Reads a script's body. Takes time linear in its length, whatever it holds.
pub fn read(language: Language, body: &[Part]) -> ScriptFacts {
    let source = Source::new(body);
    if language.is_posix_family() {
        Reader::new(language, &source).script()
    } else {
        foreign::read(language, &source)
    }
}

impl ScriptFacts {
    /// Notes which names are the script's own; each is set first at the place that stands with it.
    fn own_names(&mut self, first_sets: FxHashMap<SmolStr, TextSize>) {
        let reads = self.uses.iter().filter(|it| it.quoting != Quoting::SingleQuoted);
        let read_before: FxHashSet<SmolStr> = reads
            .filter(|it| first_sets.get(&it.name).is_some_and(|set| it.range.start() < *set))
            .map(|it| it.name.clone())
            .collect();
        self.sets = first_sets.into_keys().collect();
        self.own = self.sets.difference(&read_before).cloned().collect();
    }
}

/// Which of the scalars in scope a script gets: those it uses and that are not its own, in the order of `scalars`.
///
/// Scripts in languages that are not read word by word get all that are not their own.
pub fn names_used(
    language: Language,
    facts: &ScriptFacts,
    scalars: impl IntoIterator<Item = SmolStr>,
) -> Vec<SmolStr> {
    let scalars = scalars.into_iter().filter(|name| !facts.own.contains(name));
    if !language.is_posix_family() {
        return scalars.collect();
    }
    let used: FxHashSet<&str> = facts
        .uses
        .iter()
        .filter(|it| it.quoting != Quoting::SingleQuoted)
        .map(|it| it.name.as_str())
        .collect();
    scalars.filter(|name| used.contains(name.as_str())).collect()
}
