//! The flags of a task: one for each parameter and each matrix axis, as their types say.

use rush_plan::Call;
use rush_project::Project;
use rush_semantics::Item;
use rush_semantics::check::is_run_flag;
use rush_semantics::eval;
use rush_semantics::signature::{ParamSig, value_type};
use rush_semantics::ty::{Ty, strip_none};
use serde::{Deserialize, Serialize};

use rush_syntax::Kind;

use crate::label::{LabelError, find};

/// How a parameter is given on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Form {
    /// `--release` or `--no-release`
    Switch,
    /// `--crate api`
    Value,
    /// `--feature a --feature b`
    Repeated,
    /// What follows `--`.
    Rest,
    /// Only by call syntax: records and maps have no form as text, and some names are those of flags of `rush run`.
    CallOnly,
}

/// What a flag gives a value to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FlagTarget {
    /// A parameter of the task.
    Parameter,
    /// An axis of the task's matrix.
    Axis,
    /// A `param` of the task's file.
    FileParameter,
}

/// A flag of a task.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskFlag {
    /// The name in the task file, with `_`.
    pub name: String,
    /// What it gives a value to.
    pub target: FlagTarget,
    /// How it is given.
    pub form: Form,
    /// The type, as it would be written.
    pub ty: String,
    /// The first line of its docs.
    pub doc: Option<String>,
    /// The source of its default.
    pub default: Option<String>,
    /// Whether it must be given.
    pub is_required: bool,
    /// The values it can have, when they are listed.
    pub choices: Vec<String>,
}

impl Form {
    /// The form of a parameter.
    pub(crate) fn of(param: &ParamSig) -> Self {
        match param.is_rest {
            true => Self::Rest,
            false if is_run_flag(&param.name) => Self::CallOnly,
            false => Self::of_type(&param.ty),
        }
    }

    /// The form of a parameter or matrix axis of this type.
    fn of_type(ty: &Ty) -> Self {
        match strip_none(ty).bare() {
            Ty::Bool => Self::Switch,
            Ty::List(_) => Self::Repeated,
            Ty::Map(_)
            | Ty::Record(_)
            | Ty::Tag(_)
            | Ty::Command
            | Ty::Kind(_)
            | Ty::Decl { .. } => Self::CallOnly,
            _ => Self::Value,
        }
    }
}

/// The flags that may follow a label: of all tasks it names, each name once.
pub fn task_flags(project: &Project, label: &str) -> Result<Vec<TaskFlag>, LabelError> {
    let mut flags: Vec<TaskFlag> = Vec::new();
    for item in find(project, &Call::new(label).label)? {
        for flag in flags_of(project, item) {
            if !flags.iter().any(|it| it.name == flag.name) {
                flags.push(flag);
            }
        }
    }
    Ok(flags)
}

fn flags_of(project: &Project, item: Item) -> Vec<TaskFlag> {
    let db = project.db();
    let described = eval::describe(db, item);
    let params = described.params.into_iter().map(|param| TaskFlag {
        form: match (param.is_rest, param.is_settable, param.is_switch, param.is_list) {
            (true, ..) => Form::Rest,
            (false, false, ..) => Form::CallOnly,
            (false, true, true, _) => Form::Switch,
            (false, true, false, true) => Form::Repeated,
            (false, true, false, false) => Form::Value,
        },
        name: param.name.to_string(),
        target: FlagTarget::Parameter,
        ty: param.ty,
        doc: param.doc.and_then(|it| it.lines().next().map(str::to_owned)),
        default: param.default,
        is_required: param.is_required,
        choices: param.choices.iter().map(ToString::to_string).collect(),
    });
    let axes = described.axes.into_iter().map(|axis| TaskFlag {
        name: axis.name.to_string(),
        target: FlagTarget::Axis,
        form: Form::Value,
        ty: axis.ty,
        doc: Some("only these cells of the matrix".to_owned()),
        default: None,
        is_required: false,
        choices: axis.choices.iter().map(ToString::to_string).collect(),
    });
    let file = item.file(db).items(db).iter().copied();
    let file = file.filter(|it| it.kind(db) == Kind::Param && !is_run_flag(it.name(db)));
    let file = file.map(|param| {
        let ty = value_type(db, param);
        let doc = param.ast(db).doc.as_ref();
        TaskFlag {
            name: param.name(db).to_string(),
            target: FlagTarget::FileParameter,
            form: Form::of_type(ty),
            ty: ty.to_string(),
            doc: doc.and_then(|it| it.text.lines().next().map(str::to_owned)),
            default: eval::default_source(db, param, None),
            is_required: false,
            choices: eval::flag_choices(ty).iter().map(ToString::to_string).collect(),
        }
    });
    params.chain(axes).chain(file).collect()
}
