//! The parameters that positional arguments are for.

use rush_semantics::Item;
use rush_semantics::infer::{Meaning, infer};
use rush_semantics::names::base_of;
use rush_semantics::signature::{params_of, signature};
use rush_semantics::ty::Ty;
use rush_syntax::Kind;
use rush_syntax::ast::{Arg, Expr, ExprId, ItemKind};
use smol_str::SmolStr;

use super::{HintKind, Hints, InlayHint, Padding};
use crate::place::Placed;

impl Hints<'_> {
    pub(super) fn arguments(&mut self, placed: Placed) {
        let (db, item) = (self.db, placed.item);
        let ast = item.ast(db);
        let inference = infer(db, item);
        for id in 0..ast.expr_count() {
            let id = ExprId(id as u32);
            let Expr::Call { callee, args, .. } = ast.expr(id) else { continue };
            match inference.meanings.get(callee) {
                Some(Meaning::Item(target)) if target.kind(db) != Kind::Type => {
                    self.of_item(placed, *target, args);
                }
                Some(Meaning::Tag(_)) => {
                    let Ty::Tag(tag) = inference.ty(*callee).bare() else { continue };
                    let names = tag.fields.iter().map(|it| it.name.clone());
                    self.named(placed, &names.collect::<Vec<_>>(), args);
                }
                Some(Meaning::Builtin(function)) => {
                    let params = function.params();
                    // With one parameter, the name of the function says it.
                    if params.len() > 1 {
                        let names = params.into_iter().map(|it| it.name);
                        self.named(placed, &names.collect::<Vec<_>>(), args);
                    }
                }
                _ => {}
            }
        }
        if let ItemKind::Decl(decl) = &ast.kind
            && let Some(args) = decl.extends.as_ref().and_then(|it| it.args.as_deref())
            && let Some(base) = base_of(db, item)
        {
            self.of_item(placed, base, args);
        }
    }

    fn of_item(&mut self, placed: Placed, target: Item, args: &[Arg]) {
        let first = self.found.len();
        let names = signature(self.db, target).params.iter().map(|it| it.name.clone());
        let names: Vec<SmolStr> = names.collect();
        self.named(placed, &names, args);
        let Some(at) = Placed::of(self.db, target) else { return };
        let declared = params_of(&target.ast(self.db).kind);
        let db = self.db;
        for hint in self.found.iter_mut().skip(first) {
            let name = hint.label.trim_end_matches(':');
            let param =
                declared.iter().find(|it| it.name.as_ref().is_some_and(|it| it.text == name));
            hint.source = param.map(|it| at.range(db, it.range));
            hint.tooltip = param.and_then(|it| it.doc.as_ref()).map(|it| it.text.clone());
        }
    }

    fn named(&mut self, placed: Placed, names: &[SmolStr], args: &[Arg]) {
        let positional = args.iter().filter(|it| it.name.is_none());
        for (name, arg) in names.iter().zip(positional) {
            let ast = placed.item.ast(self.db);
            let range = ast.expr_range(arg.value);
            let text = placed.item.text(self.db).get(std::ops::Range::<usize>::from(range));
            let says_it = text.is_none_or(|it| says(it, name));
            if range.is_empty() || says_it {
                continue;
            }
            self.found.push(InlayHint {
                kind: HintKind::Argument,
                at: range.start() + placed.start,
                label: format!("{name}:"),
                tooltip: None,
                source: None,
                padding: Padding::After,
            });
        }
    }
}

/// Whether an argument tells its parameter by itself: `deploy(target)`, `f(options.target)`.
fn says(argument: &str, name: &str) -> bool {
    let last = argument.rsplit('.').next().unwrap_or(argument);
    let word = last.trim_end_matches("()");
    word.len() >= name.len() && word.to_lowercase().ends_with(&name.to_lowercase())
}
