//! Descriptions of sound tasks as they are remembered.

use rush_semantics::eval::{AxisDescription, Description, ParamDescription};
use rush_syntax::Kind;
use serde::{Deserialize, Serialize};

use crate::describe::{Described, DescribedField, Runs};
use crate::report::Report;

/// What one task is, in the form it is written in.
#[derive(Serialize, Deserialize)]
pub(crate) struct RememberedDescription {
    name: String,
    label: String,
    kind: String,
    doc: Option<String>,
    params: Vec<Param>,
    axes: Vec<Axis>,
    runs: Runs,
    fields: Vec<DescribedField>,
    place: (String, u32),
}

#[derive(Serialize, Deserialize)]
struct Param {
    name: String,
    doc: Option<String>,
    ty: String,
    default: Option<String>,
    marks: [bool; 5],
    choices: Vec<String>,
    /// As JSON text: the order of its fields counts.
    schema: String,
}

#[derive(Serialize, Deserialize)]
struct Axis {
    name: String,
    ty: String,
    choices: Vec<String>,
    /// As JSON text: the order of its fields counts.
    schema: String,
}

impl RememberedDescription {
    /// The form of a description; `None` if something is wrong with the task, which is found out anew each time.
    pub(crate) fn of(described: &Described) -> Option<Self> {
        let Described { name, description, runs, fields, place, report } = described;
        if !report.diagnostics.is_empty() {
            return None;
        }
        let Description { label, kind, doc, params, axes } = description;
        Some(Self {
            name: name.clone(),
            label: label.clone(),
            kind: kind.to_string(),
            doc: doc.clone(),
            params: params.iter().map(Param::of).collect::<Option<_>>()?,
            axes: axes.iter().map(Axis::of).collect::<Option<_>>()?,
            runs: runs.clone(),
            fields: fields.clone(),
            place: place.clone(),
        })
    }

    /// The description again.
    pub(crate) fn into_described(self) -> Option<Described> {
        let description = Description {
            label: self.label,
            kind: Kind::of(&self.kind),
            doc: self.doc,
            params: self.params.into_iter().map(Param::into_description).collect::<Option<_>>()?,
            axes: self.axes.into_iter().map(Axis::into_description).collect::<Option<_>>()?,
        };
        let report = Report::default();
        let (name, runs, fields, place) = (self.name, self.runs, self.fields, self.place);
        Some(Described { name, description, runs, fields, place, report })
    }
}

impl Param {
    fn of(param: &ParamDescription) -> Option<Self> {
        let ParamDescription { name, doc, ty, default, choices, schema, .. } = param;
        let ParamDescription { is_rest, is_required, is_settable, is_switch, is_list, .. } = *param;
        Some(Self {
            name: name.to_string(),
            doc: doc.clone(),
            ty: ty.clone(),
            default: default.clone(),
            marks: [is_rest, is_required, is_settable, is_switch, is_list],
            choices: choices.iter().map(ToString::to_string).collect(),
            schema: serde_json::to_string(schema).ok()?,
        })
    }

    fn into_description(self) -> Option<ParamDescription> {
        let [is_rest, is_required, is_settable, is_switch, is_list] = self.marks;
        Some(ParamDescription {
            name: self.name.into(),
            doc: self.doc,
            ty: self.ty,
            default: self.default,
            is_rest,
            is_required,
            is_settable,
            is_switch,
            is_list,
            choices: self.choices.into_iter().map(Into::into).collect(),
            schema: serde_json::from_str(&self.schema).ok()?,
        })
    }
}

impl Axis {
    fn of(axis: &AxisDescription) -> Option<Self> {
        let AxisDescription { name, ty, choices, schema } = axis;
        let choices = choices.iter().map(ToString::to_string).collect();
        let schema = serde_json::to_string(schema).ok()?;
        Some(Self { name: name.to_string(), ty: ty.clone(), choices, schema })
    }

    fn into_description(self) -> Option<AxisDescription> {
        let choices = self.choices.into_iter().map(Into::into).collect();
        let schema = serde_json::from_str(&self.schema).ok()?;
        Some(AxisDescription { name: self.name.into(), ty: self.ty, choices, schema })
    }
}
