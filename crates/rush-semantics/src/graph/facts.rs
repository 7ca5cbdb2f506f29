//! From an evaluated declaration to what it adds to the graph.

use rush_plan::{Glob, WorkspacePath};
use smol_str::SmolStr;

use super::evaluate::{Evaluator, Written};
use super::sketch::{lowered, sketch};
use super::term::{Sketch, Term};
use super::value::{List, TextPiece, Value, glob_text, spread};
use super::{Arguments, Call, Edge, GraphFacts, Known, Pattern, Patterns, Reason, Site, When};
use crate::db::{Db, Item};

/// A call as a key of queries.
#[salsa::interned]
struct Variant<'db> {
    #[returns(ref)]
    call: Call,
}

/// What a call adds to the graph.
pub fn facts_of<'db>(db: &'db dyn Db, call: &Call) -> &'db GraphFacts {
    let root = super::graph_facts(db, call.item);
    if call.args == root.args {
        return root;
    }
    variant_facts(db, Variant::new(db, call.clone()))
}

#[salsa::tracked(returns(ref))]
fn variant_facts<'db>(db: &'db dyn Db, variant: Variant<'db>) -> GraphFacts {
    let call = variant.call(db);
    compute(db, call.clone(), sketch(db, call.item))
}

/// What a declaration adds to the graph when it is named without arguments.
///
/// Few declarations are looked at by others, so the sketch is not kept for them.
pub fn root_facts(db: &dyn Db, item: Item) -> GraphFacts {
    let sketch = lowered(db, item);
    let args = default_args(db, item, &sketch);
    compute(db, Call { item, args }, &sketch)
}

/// The call a declaration stands for when it is named without arguments.
pub fn root_call(db: &dyn Db, item: Item) -> Call {
    Call { item, args: super::graph_facts(db, item).args.clone() }
}

/// What each parameter is when it is not given: its default, or itself.
fn default_args(db: &dyn Db, item: Item, sketch: &Sketch) -> Vec<Known> {
    let params = &sketch.params;
    if params.is_empty() {
        return Vec::new();
    }
    // A default that depends on other parameters is not known: they may be given.
    let unknown = Call { item, args: params.iter().map(|_| Known::Unknown).collect() };
    let mut evaluator = Evaluator::new(db, &unknown, sketch);
    let values = params.iter().enumerate().map(|(at, param)| match &param.default {
        Some(default) => evaluator.within(0, |it| it.eval(default)).known(),
        None if param.is_rest => Known::List(Vec::new()),
        None => Known::Symbol(item, at as u32),
    });
    values.collect()
}

/// The call with the defaults in place of what is left out. A parameter that must be given and is
/// not was reported; it is unknown.
pub fn completed(db: &dyn Db, call: &Call) -> Call {
    if call.args.iter().all(|it| *it != Known::Default) {
        return call.clone();
    }
    let defaults = super::graph_facts(db, call.item).args.iter();
    let args = call.args.iter().zip(defaults).map(|(given, default)| match (given, default) {
        (Known::Default, Known::Symbol(..)) => Known::Unknown,
        (Known::Default, default) => default.clone(),
        (given, _) => given.clone(),
    });
    Call { item: call.item, args: args.collect() }
}

fn compute(db: &dyn Db, call: Call, sketch: &Sketch) -> GraphFacts {
    let evaluator = Evaluator::new(db, &call, sketch);
    let mut builder = Builder { evaluator, edges: Vec::new(), is_open: false };
    for (field, reason) in
        [("needs", Reason::Needs), ("steps", Reason::Steps), ("after", Reason::After)]
    {
        builder.waits(field, reason);
    }
    let inputs = builder.patterns("inputs");
    let outputs = builder.patterns("outputs");
    let when = builder.when();
    builder.mentions();
    // There is one of these for each declaration, and it stays.
    builder.edges.shrink_to_fit();
    GraphFacts {
        is_sure: when != When::Never && call.args.iter().all(Known::is_definite),
        args: call.args,
        when,
        inputs,
        outputs,
        axes: builder.evaluator.sure_axes(),
        port: builder.port(),
        is_open: builder.is_open || builder.evaluator.is_cut,
        edges: builder.edges,
    }
}

struct Builder<'db> {
    evaluator: Evaluator<'db>,
    edges: Vec<Edge>,
    is_open: bool,
}

/// The elements of a field that come from one place.
struct Elements {
    site: Site,
    list: List,
}

impl<'db> Builder<'db> {
    /// The elements of a list field, by the place they are written at.
    fn elements(&mut self, field: &str) -> Vec<Elements> {
        let (frame, value) = match self.evaluator.field(field) {
            Written::Absent => return Vec::new(),
            Written::Term(frame, Term::List(entries)) => {
                let Some(item) = self.evaluator.item_of(frame) else { return Vec::new() };
                let numbered = entries.iter().zip(0..);
                let elements = numbered.map(|(entry, at)| {
                    let mut list = List::with_room(1);
                    self.evaluator.within(frame, |it| it.entry(entry, true, &mut list));
                    self.read(Site { item, field: field.into(), element: Some(at) }, list)
                });
                return elements.collect();
            }
            Written::Term(frame, term) => (frame, self.evaluator.within(frame, |it| it.eval(term))),
            Written::Value(frame, value) => (frame, value),
        };
        let Some(item) = self.evaluator.item_of(frame) else { return Vec::new() };
        let mut list = List::default();
        spread(value, true, &mut list);
        vec![self.read(Site { item, field: field.into(), element: None }, list)]
    }

    /// Notes the outputs that were read while the elements were evaluated.
    fn read(&mut self, site: Site, list: List) -> Elements {
        for it in &list.items {
            if let Value::Outputs(of) = &it.value {
                self.add_edge(of.clone(), Reason::Outputs, it.is_certain, &site);
            }
        }
        self.drain_reads(&site, true);
        Elements { site, list }
    }

    fn drain_reads(&mut self, site: &Site, is_certain: bool) {
        for read in std::mem::take(&mut self.evaluator.reads) {
            self.add_edge(read.of, Reason::Outputs, read.is_certain && is_certain, site);
        }
    }

    fn add_edge(&mut self, target: Call, reason: Reason, is_certain: bool, site: &Site) {
        if reason == Reason::Outputs
            && self.edges.iter().any(|it| {
                it.reason == reason && it.target == target && (it.is_certain || !is_certain)
            })
        {
            return;
        }
        self.edges.push(Edge { target, reason, is_certain, site: site.clone() });
    }

    fn waits(&mut self, field: &str, reason: Reason) {
        let elements = self.elements(field);
        self.edges.reserve_exact(elements.iter().map(|it| it.list.items.len()).sum());
        for Elements { site, list } in elements {
            self.is_open |= list.is_open;
            for item in list.items {
                self.target(item.value, item.is_certain, reason, &site);
            }
        }
    }

    fn target(&mut self, value: Value, is_certain: bool, reason: Reason, site: &Site) {
        match value {
            Value::Call(call) => self.add_edge(call, reason, is_certain, site),
            Value::Choice(them) => {
                them.into_iter().for_each(|it| self.target(it, false, reason, site));
            }
            Value::None | Value::Outputs(_) => {}
            _ => self.is_open = true,
        }
    }

    fn when(&mut self) -> When {
        let found = self.evaluator.field("when");
        let value = self.evaluator.written(found);
        match value {
            None | Some(Value::Bool(true)) => When::Always,
            Some(Value::Bool(false)) => When::Never,
            Some(_) => When::Sometimes,
        }
    }

    /// The patterns of a field; none when some that take paths out may be unknown.
    fn patterns(&mut self, field: &str) -> Patterns {
        let mut patterns = Patterns::default();
        let mut is_open = false;
        let package = WorkspacePath::new(self.evaluator.package).unwrap_or_default();
        let elements = self.elements(field);
        patterns.wanted.reserve_exact(elements.iter().map(|it| it.list.items.len()).sum());
        for Elements { site, list } in elements {
            is_open |= list.is_open;
            for item in list.items {
                let value = (item.value, item.is_certain);
                let added = add_pattern(&mut patterns, value, &package, &site);
                is_open |= added.is_none();
            }
        }
        if is_open {
            patterns.wanted.clear();
        }
        // There is one of these for each declaration, and it stays.
        patterns.wanted.shrink_to_fit();
        patterns
    }

    /// What is read anywhere else: in other fields, in `let`s, in templates.
    fn mentions(&mut self) {
        let mut seen: Vec<&SmolStr> = Vec::new();
        for frame in self.evaluator.chain() {
            let Some(sketch) = self.evaluator.sketch_of(frame) else { continue };
            let Some(item) = self.evaluator.item_of(frame) else { continue };
            for mention in &sketch.mentions {
                let is_hidden = frame > 0 && seen.contains(&&mention.field);
                let is_certain = mention.is_certain && !is_hidden && !mention.field.is_empty();
                self.mention(frame, &mention.term);
                let site = Site { item, field: mention.field.clone(), element: None };
                self.drain_reads(&site, is_certain);
            }
            seen.extend(sketch.mentions.iter().map(|it| &it.field));
            for (name, term) in &sketch.lets {
                self.mention(frame, term);
                self.drain_reads(&Site { item, field: name.clone(), element: None }, false);
            }
        }
    }

    fn mention(&mut self, frame: usize, term: &'db Term) {
        self.evaluator.within(frame, |it| it.eval(term));
    }

    fn port(&mut self) -> Option<i64> {
        let found = self.evaluator.field("ready");
        let Value::Record(ready) = self.evaluator.written(found)? else { return None };
        let (_, probe) = ready.into_iter().find(|(name, _)| name == "probe")?;
        let Value::Tag(tag, args) = probe else { return None };
        let first = |name: &str| {
            let named = args.iter().find(|(it, _)| it.as_deref() == Some(name));
            named.or_else(|| args.first().filter(|(it, _)| it.is_none())).map(|(_, it)| it)
        };
        match (tag.as_str(), first(if tag == "tcp" { "port" } else { "url" })?) {
            ("tcp", Value::Int(port)) => Some(*port),
            ("http", url) => local_port(&url.whole_text()?),
            _ => None,
        }
    }
}

/// The port of an address on this machine.
pub fn local_port(url: &str) -> Option<i64> {
    let (_, rest) = url.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let (host, port) = authority.rsplit_once(':')?;
    matches!(host, "localhost" | "127.0.0.1" | "[::1]").then(|| port.parse().ok()).flatten()
}

/// Adds the pattern a value stands for; `None` when it may be one that takes paths out.
fn add_pattern(
    patterns: &mut Patterns,
    (value, is_certain): (Value, bool),
    package: &WorkspacePath,
    site: &Site,
) -> Option<()> {
    let pieces = match value {
        // The edge to the task orders the two, so there is nothing to compare.
        Value::Outputs(_) | Value::None => return Some(()),
        Value::Text(pieces) => pieces,
        Value::Choice(them) => {
            for it in them {
                add_pattern(patterns, (it, false), package, site)?;
            }
            return Some(());
        }
        _ => return None,
    };
    let is_negated = matches!(pieces.first(), Some(TextPiece::Pattern(it)) if it.starts_with('!'));
    if !is_negated && !is_certain {
        return Some(());
    }
    // Unknown parts take out as much as they might, and accuse of as little as is likely: two paths
    // that differ behind the same hole would meet if a hole could be several components.
    let hole = if is_negated { Glob::HOLE } else { '*' };
    let Ok(glob) = Glob::parse_with_holes(&glob_text(&pieces, hole)) else { return Some(()) };
    let Ok(glob) = glob.resolve(package) else { return Some(()) };
    if is_negated {
        patterns.excluded.push(glob.with_contents());
        return Some(());
    }
    let holes = pieces.iter().filter_map(|piece| match piece {
        TextPiece::Hole { axis, .. } => Some(axis.clone()),
        TextPiece::Pattern(_) | TextPiece::Literal(_) => None,
    });
    patterns.wanted.push(Pattern {
        has_holes: holes.clone().next().is_some(),
        axes: holes.collect(),
        follows: pieces.iter().fold(Arguments::NONE, |all, piece| match piece {
            TextPiece::Hole { follows, .. } => all.and(*follows),
            TextPiece::Pattern(_) | TextPiece::Literal(_) => all,
        }),
        is_plain: is_plain(&pieces),
        glob,
        site: site.clone(),
    });
    Some(())
}

/// Whether a pattern names paths without wildcards of its own, so that a directory may be meant.
fn is_plain(pieces: &[TextPiece]) -> bool {
    pieces.iter().all(|piece| match piece {
        TextPiece::Pattern(text) => !text.contains(['*', '?', '[', '{']),
        TextPiece::Literal(_) | TextPiece::Hole { .. } => true,
    })
}
