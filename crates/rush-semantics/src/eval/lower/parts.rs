//! The records, variants and words of the prelude's types, so that lowering has to take every one of
//! them apart.
//!
//! A test holds the lists against the prelude, as [`super::fields`] does for the kinds: a field, a
//! variant or a word nobody reads does not go unnoticed.

use rush_plan::{CacheMode, LogMode, Restart, SecretMount};

use super::super::value::{Record, Tag, Value};

macro_rules! record {
    ($(#[$doc:meta])* $name:ident { $($field:ident)* }) => {
        $(#[$doc])*
        pub(super) struct $name<'v> { $(pub(super) $field: &'v Value,)* }

        impl<'v> $name<'v> {
            /// The names of all fields.
            #[cfg(test)]
            pub(super) const NAMES: &'static [&'static str] = &[$(stringify!($field)),*];

            /// Takes a record apart; what it lacks is `none`.
            pub(super) fn of(record: &'v Record) -> Self {
                Self { $($field: part(record, stringify!($field)),)* }
            }
        }
    };
}

macro_rules! variants {
    ($(#[$doc:meta])* $name:ident { $($variant:ident = $tag:literal { $($field:ident)* })* }) => {
        $(#[$doc])*
        pub(super) enum $name<'v> { $($variant { $($field: &'v Value,)* },)* }

        impl<'v> $name<'v> {
            /// The names of all variants, each with its fields.
            #[cfg(test)]
            pub(super) const NAMES: &'static [(&'static str, &'static [&'static str])] =
                &[$(($tag, &[$(stringify!($field)),*])),*];

            /// Takes a variant apart; `None` for one that the prelude does not have.
            pub(super) fn of(tag: &'v Tag) -> Option<Self> {
                match tag.name.as_str() {
                    $($tag => Some(Self::$variant {
                        $($field: part(&tag.fields, stringify!($field)),)*
                    }),)*
                    _ => None,
                }
            }
        }
    };
}

macro_rules! words {
    ($(#[$doc:meta])* $name:ident: $of:ty { $($word:literal => $value:expr,)* }) => {
        $(#[$doc])*
        pub(super) struct $name;

        impl $name {
            /// All words.
            #[cfg(test)]
            pub(super) const NAMES: &'static [&'static str] = &[$($word),*];

            /// What a word means; `None` for one that the prelude does not have.
            pub(super) fn of(word: &str) -> Option<$of> {
                match word {
                    $($word => Some($value),)*
                    _ => None,
                }
            }
        }
    };
}

record! {
    /// `Retry`
    RetryParts { attempts delay on_codes on_pattern on_timeout }
}

record! {
    /// `Resources`
    ResourcesParts { cpu memory slots }
}

record! {
    /// `Limit`
    LimitParts { group max }
}

record! {
    /// `Cache`
    CacheParts { mode ttl key }
}

record! {
    /// `ready` of a service
    ReadyParts { probe every timeout }
}

record! {
    /// `stop` of a service
    StopParts { signal grace }
}

record! {
    /// `cache` of the workspace
    WorkspaceCacheParts { dir max_size ttl }
}

variants! {
    /// `Backoff`
    BackoffParts {
        Fixed = "fixed" { delay }
        Exponential = "exponential" { first factor max jitter }
    }
}

variants! {
    /// `Probe`
    ProbeParts {
        Tcp = "tcp" { port }
        Http = "http" { url status }
        Exec = "exec" { run }
        Log = "log" { pattern }
    }
}

variants! {
    /// `from` of a secret
    FromParts {
        Env = "env" { name }
        File = "file" { path }
    }
}

words! {
    /// `mode` of a cache
    CacheModes: CacheMode {
        "off" => CacheMode::Off,
        "stamp" => CacheMode::Stamp,
        "local" => CacheMode::Local,
    }
}

words! {
    /// `LogMode`
    LogModes: LogMode {
        "stream" => LogMode::Stream,
        "grouped" => LogMode::Grouped,
        "quiet" => LogMode::Quiet,
    }
}

words! {
    /// `restart` of a service
    Restarts: Restart {
        "never" => Restart::Never,
        "on_failure" => Restart::OnFailure,
        "always" => Restart::Always,
    }
}

words! {
    /// `mount` of a secret
    Mounts: SecretMount {
        "env" => SecretMount::Env,
        "file" => SecretMount::File,
    }
}

fn part<'v>(record: &'v Record, name: &str) -> &'v Value {
    record.get(name).unwrap_or(&Value::None)
}

#[cfg(test)]
mod tests {
    use smol_str::SmolStr;

    use super::*;
    use crate::RushDatabase;
    use crate::db::Db as _;
    use crate::kinds::kind;
    use crate::names::resolve_type;
    use crate::ty::{Ty, strip_none};
    use crate::types::declared_type;

    fn of_type(db: &RushDatabase, name: &str) -> Ty {
        let prelude = db.workspace().prelude(db);
        declared_type(db, resolve_type(db, prelude, name).unwrap()).clone()
    }

    fn of_field(db: &RushDatabase, owner: &str, field: &str) -> Ty {
        strip_none(&kind(db, rush_syntax::Kind::of(owner)).unwrap().field(field).unwrap().ty)
    }

    fn fields(ty: &Ty) -> Vec<SmolStr> {
        let Ty::Record(record) = ty.bare() else { panic!("{ty:?}") };
        record.fields.iter().map(|it| it.name.clone()).collect()
    }

    #[test]
    fn every_field_of_a_record_is_lowered() {
        let db = RushDatabase::default();
        for (ty, lowered) in [
            (of_type(&db, "Retry"), RetryParts::NAMES),
            (of_type(&db, "Resources"), ResourcesParts::NAMES),
            (of_type(&db, "Limit"), LimitParts::NAMES),
            (of_type(&db, "Cache"), CacheParts::NAMES),
            (of_field(&db, "service", "ready"), ReadyParts::NAMES),
            (of_field(&db, "service", "stop"), StopParts::NAMES),
            (of_field(&db, "workspace", "cache"), WorkspaceCacheParts::NAMES),
        ] {
            assert_eq!(fields(&ty), lowered);
        }
    }

    #[test]
    fn every_variant_is_lowered_with_its_fields() {
        let db = RushDatabase::default();
        for (ty, lowered) in [
            (of_type(&db, "Backoff"), BackoffParts::NAMES),
            (of_type(&db, "Probe"), ProbeParts::NAMES),
            (of_field(&db, "secret", "from"), FromParts::NAMES),
        ] {
            let declared = ty.members().iter().map(|it| match it.bare() {
                Ty::Tag(tag) => {
                    let fields = tag.fields.iter().map(|it| it.name.to_string());
                    (tag.name.to_string(), fields.collect::<Vec<_>>())
                }
                other => panic!("{other:?}"),
            });
            let declared: Vec<_> = declared.collect();
            let lowered = lowered.iter().map(|(name, fields)| {
                (name.to_string(), fields.iter().map(ToString::to_string).collect::<Vec<_>>())
            });
            assert_eq!(declared, lowered.collect::<Vec<_>>());
        }
    }

    #[test]
    fn every_word_is_lowered() {
        let db = RushDatabase::default();
        let cache = of_type(&db, "Cache");
        let Ty::Record(cache) = cache.bare() else { panic!("{cache:?}") };
        let mode = cache.fields.iter().find(|it| it.name == "mode").unwrap().ty.clone();
        for (ty, lowered) in [
            (mode, CacheModes::NAMES),
            (of_type(&db, "LogMode"), LogModes::NAMES),
            (of_field(&db, "service", "restart"), Restarts::NAMES),
            (of_field(&db, "secret", "mount"), Mounts::NAMES),
        ] {
            let mut declared = ty.literal_texts().unwrap();
            let mut lowered = lowered.to_vec();
            declared.sort();
            lowered.sort_unstable();
            assert_eq!(declared, lowered);
        }
    }
}
