//! The fields of each kind as structs, so that lowering has to take every one of them apart.
//!
//! A test holds the lists against the prelude: a field nobody reads does not go unnoticed.

use smol_str::SmolStr;

use super::super::instance::InstanceId;
use super::super::session::{Eval, Session, Stop};
use super::super::value::Value;

macro_rules! fields {
    ($(#[$doc:meta])* $name:ident { $($field:ident)* }) => {
        $(#[$doc])*
        pub(super) struct $name { $(pub(super) $field: Value,)* }

        impl $name {
            /// The names of all fields.
            #[cfg(test)]
            pub(super) const NAMES: &[&str] = &[$(stringify!($field)),*];

            /// Evaluates every field; goes on after a failure, so that all are reported.
            pub(super) fn read(session: &mut Session<'_>, id: InstanceId) -> Eval<Self> {
                let mut trouble = None;
                $(let $field = read_field(session, id, stringify!($field), &mut trouble)?;)*
                match trouble {
                    Some(stop) => Err(stop),
                    None => Ok(Self { $($field,)* }),
                }
            }
        }
    };
}

fields! {
    /// The fields of `task`.
    TaskFields {
        needs steps after inputs outputs depfile dir run finally env env_files pass_env tools bin
        stdin matrix when confirm timeout retry resources limit cache allow_failure interactive log
    }
}

fields! {
    /// The fields of `service`.
    ServiceFields { run needs dir env env_files pass_env bin inputs ready stop restart }
}

fields! {
    /// The fields of `secret`.
    SecretFields { from mount }
}

fields! {
    /// The fields of `workspace`.
    WorkspaceFields { members defaults cache edition }
}

fn read_field(
    session: &mut Session<'_>,
    id: InstanceId,
    name: &'static str,
    trouble: &mut Option<Stop>,
) -> Eval<Value> {
    match session.effective(id, &SmolStr::new_static(name)) {
        Ok(value) => Ok(value),
        Err(stop @ Stop::Suspend(_)) => Err(stop),
        Err(stop) => {
            *trouble = Some(stop);
            Ok(Value::None)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{SecretFields, ServiceFields, TaskFields, WorkspaceFields};
    use crate::RushDatabase;
    use crate::kinds::kind;

    #[test]
    fn every_field_of_the_prelude_is_lowered() {
        let db = RushDatabase::default();
        let kinds = [
            ("task", TaskFields::NAMES),
            ("service", ServiceFields::NAMES),
            ("secret", SecretFields::NAMES),
            ("workspace", WorkspaceFields::NAMES),
        ];
        for (name, lowered) in kinds {
            let declared = &kind(&db, rush_syntax::Kind::of(name)).unwrap().fields;
            let declared: Vec<&str> = declared.iter().map(|it| it.name.as_str()).collect();
            assert_eq!(declared, lowered, "{name}");
        }
    }
}
