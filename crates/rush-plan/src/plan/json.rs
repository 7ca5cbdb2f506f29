//! The JSON form of a plan, byte for byte the same for equal plans.
//!
//! Layout: a head of fixed lines (version, digests), what does not belong to the identity (`workspace`, `cause`,
//! `requires`), `content`, `origin`. The content digest is of the bytes of `content` as they stand there; the
//! whole digest is of all bytes with its own 64 digits taken as zeros. So verifying needs no second form.

use std::io::Read;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::{
    Content, Digests, FORMAT_VERSION, Feature, NodeFindings, Plan, PlanDraft, PlanError, pretty,
    validate,
};
use crate::{Cause, Digest, Origin, WorkspaceId};

mod pieces;

/// Why bytes are no plan.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// No JSON, or not that of a plan.
    #[error("this is not a plan: {0}")]
    Malformed(#[from] serde_json::Error),
    /// The beginning of the file is not that of a plan.
    #[error("this is not a plan: {problem}")]
    NotAPlan {
        /// What is wrong with it.
        problem: String,
        /// What the reader said.
        source: serde_json::Error,
    },
    /// A version this build does not know.
    #[error("the plan has version {found}; this Rush reads version {known}")]
    UnknownVersion {
        /// The version of the plan.
        found: u64,
        /// The version of this build.
        known: u32,
    },
    /// A feature this build does not know.
    #[error("the plan requires `{0}`, which this Rush does not know")]
    UnknownFeature(String),
    /// The list of features does not follow from the content.
    #[error("the plan uses `{0}` without requiring it, or the other way round")]
    WrongFeatures(String),
    /// It has the fields of a plan but not its layout.
    #[error("the plan is not laid out as Rush writes it; it was changed or reformatted")]
    Reformatted,
    /// The bytes are not those that were written.
    #[error("the plan was changed after it was written: its {0} digest does not match")]
    Tampered(&'static str),
    /// It is no valid plan.
    #[error(transparent)]
    Invalid(#[from] PlanError),
}

/// What a file says besides its version and digests.
struct File {
    workspace: WorkspaceId,
    cause: Cause,
    requires: Vec<Feature>,
    content: Content,
    origin: Origin,
    /// What checking the nodes found, if that was done while they were read.
    findings: Option<NodeFindings>,
}

/// The fields of a file, in their order.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(
    dead_code,
    reason = "version and digests are read as bytes before; they are here to be known"
)]
struct Whole {
    rush_plan: u32,
    digests: Digests,
    workspace: WorkspaceId,
    cause: Cause,
    requires: Vec<Feature>,
    content: Content,
    origin: Origin,
}

/// The fields before the content.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(
    dead_code,
    reason = "version and digests are read as bytes before; they are here to be known"
)]
struct Front {
    rush_plan: u32,
    digests: Digests,
    workspace: WorkspaceId,
    cause: Cause,
    requires: Vec<Feature>,
}

impl From<Whole> for File {
    fn from(whole: Whole) -> Self {
        let Whole { workspace, cause, requires, content, origin, .. } = whole;
        Self { workspace, cause, requires, content, origin, findings: None }
    }
}

/// A file cut into its parts, each a JSON value but for the first, which lacks its `}`.
struct Parts<'a> {
    front: &'a str,
    content: &'a str,
    origin: &'a str,
}

/// What can be read of a plan of any version.
#[derive(Deserialize)]
struct Header {
    rush_plan: u64,
    #[serde(default)]
    requires: Vec<String>,
}

const CONTENT_DOMAIN: &str = "rush plan content 1";
const WHOLE_DOMAIN: &str = "rush plan whole 1";
const HEAD: &str = "{\n  \"rush_plan\": 1,\n  \"digests\": {\n    \"content\": \"";
const BETWEEN_DIGESTS: &str = "\",\n    \"whole\": \"";
const AFTER_DIGESTS: &str = "\"\n  },\n  \"workspace\": ";
const BEFORE_CONTENT: &str = ",\n  \"content\": ";
const BEFORE_ORIGIN: &str = ",\n  \"origin\": ";
const DIGITS: usize = 64;
const CONTENT_DIGITS_AT: usize = HEAD.len();
const WHOLE_DIGITS_AT: usize = CONTENT_DIGITS_AT + DIGITS + BETWEEN_DIGESTS.len();
const HEAD_BYTES: usize = WHOLE_DIGITS_AT + DIGITS + AFTER_DIGESTS.len();

impl Plan {
    /// The canonical bytes, with a final newline.
    pub fn to_json(&self) -> Vec<u8> {
        render(self).0
    }

    /// Reads and validates a plan while it comes from its file. Where that gives nothing, it may be a plan in another
    /// layout, or none: [`Plan::from_json`] decides, and tells why, if it is given all bytes.
    pub fn read(mut file: impl Read + Send) -> Option<Self> {
        let mut first = Vec::new();
        while !pieces::fill(&mut file, &mut first)? {
            if first.len() >= LARGE_BYTES {
                return in_pieces(first, file);
            }
        }
        Self::from_json(&first).ok()
    }

    /// Reads and validates a plan.
    pub fn from_json(bytes: &[u8]) -> Result<Self, LoadError> {
        let is_large = bytes.len() >= LARGE_BYTES;
        if let Some(plan) = is_large.then(|| in_pieces(Vec::new(), bytes)).flatten() {
            return Ok(plan);
        }
        let Some(digests) = read_head(bytes) else { return Err(explain_head(bytes)) };
        let parts = cut(bytes);
        verify(bytes, digests, parts.as_ref())?;
        match parts.as_ref().and_then(read_parts) {
            Some(file) => file.into_plan_with(digests),
            // Its digests count the extensions, which this plan does not have.
            None => read_whole(bytes)?.into_plan(),
        }
    }
}

/// From here on more threads are worth their start.
const LARGE_BYTES: usize = 256 * 1024;

/// The same for a large plan, if it is as it was written.
fn in_pieces(first: Vec<u8>, file: impl Read + Send) -> Option<Plan> {
    let (file, digests) = pieces::read(first, file)?;
    file.into_plan_with(digests).ok()
}

impl File {
    /// A plan that has these digests.
    fn into_plan_with(self, digests: Digests) -> Result<Plan, LoadError> {
        let plan = self.into_plan()?;
        let _ = plan.digests.set(digests);
        Ok(plan)
    }

    fn into_plan(self) -> Result<Plan, LoadError> {
        let Self { workspace, cause, requires, content, origin, findings } = self;
        if !content.nodes.is_sorted_by(|a, b| validate::canonical_order(a, b).is_le()) {
            return Err(LoadError::Reformatted);
        }
        let draft = PlanDraft { workspace, cause, content, origin };
        let plan = match findings {
            Some(findings) => draft.build_checked(findings)?,
            None => draft.build_sorted()?,
        };
        let of_file = requires.iter().filter(|it| !plan.requires().contains(it));
        let of_content = plan.requires().iter().filter(|it| !requires.contains(it));
        if let Some(feature) = of_file.chain(of_content).next() {
            return Err(LoadError::WrongFeatures(feature.name().to_owned()));
        }
        Ok(plan)
    }
}

/// The digests of a plan that was not read from a file.
pub(super) fn digests(plan: &Plan) -> Digests {
    render(plan).1
}

fn render(plan: &Plan) -> (Vec<u8>, Digests) {
    let zeros = "0".repeat(DIGITS);
    let mut out = Vec::with_capacity(1024 * (plan.nodes().len() + 1));
    for part in [HEAD, &zeros, BETWEEN_DIGESTS, &zeros, AFTER_DIGESTS] {
        out.extend_from_slice(part.as_bytes());
    }
    field(&mut out, "", plan.workspace());
    field(&mut out, ",\n  \"cause\": ", plan.cause());
    field(&mut out, ",\n  \"requires\": ", &plan.requires());
    let content_start = out.len() + BEFORE_CONTENT.len();
    field(&mut out, BEFORE_CONTENT, plan.content());
    let content = content_digest(out.get(content_start..).unwrap_or_default());
    field(&mut out, BEFORE_ORIGIN, plan.origin());
    out.extend_from_slice(b"\n}\n");
    put_digits(&mut out, CONTENT_DIGITS_AT, content);
    let whole = whole_digest(&out);
    put_digits(&mut out, WHOLE_DIGITS_AT, whole);
    (out, Digests { content, whole })
}

fn field(out: &mut Vec<u8>, key: &str, value: &impl Serialize) {
    let json = serde_json::to_vec(value)
        .expect("the parts of a plan have string keys, so they always serialise");
    out.extend_from_slice(key.as_bytes());
    pretty::write(out, &json, 2);
}

fn put_digits(out: &mut [u8], at: usize, digest: Digest) {
    if let Some(place) = out.get_mut(at..at + DIGITS) {
        place.copy_from_slice(digest.to_string().as_bytes());
    }
}

/// The digests a file claims to have; `None` if it has not the head of this version.
fn read_head(bytes: &[u8]) -> Option<Digests> {
    let head = std::str::from_utf8(bytes.get(..HEAD_BYTES)?).ok()?;
    let digests = head.strip_prefix(HEAD)?.strip_suffix(AFTER_DIGESTS)?;
    let (content, whole) = digests.split_once(BETWEEN_DIGESTS)?;
    Some(Digests { content: Digest::parse(content)?, whole: Digest::parse(whole)? })
}

/// Whether a file, cut into its parts if it has them, is what was written.
fn verify(bytes: &[u8], digests: Digests, parts: Option<&Parts<'_>>) -> Result<(), LoadError> {
    if whole_digest(bytes) != digests.whole {
        return Err(newer(bytes).unwrap_or(LoadError::Tampered("whole")));
    }
    let parts = parts.ok_or(LoadError::Reformatted)?;
    if content_digest(parts.content.as_bytes()) == digests.content {
        Ok(())
    } else {
        Err(LoadError::Tampered("content"))
    }
}

/// The parts of a file; `None` if it is not laid out as Rush does.
fn cut(bytes: &[u8]) -> Option<Parts<'_>> {
    let text = std::str::from_utf8(bytes).ok()?;
    let split = |text: &'_ str, mark: &str| memchr::memmem::find(text.as_bytes(), mark.as_bytes());
    let content_at = split(text, BEFORE_CONTENT)?;
    let rest = text.get(content_at + BEFORE_CONTENT.len()..)?;
    // Lines of the content are indented deeper, so the first such line behind it is the file's own.
    let origin_at = split(rest, BEFORE_ORIGIN)?;
    Some(Parts {
        front: text.get(..content_at)?,
        content: rest.get(..origin_at)?,
        origin: rest.get(origin_at + BEFORE_ORIGIN.len()..)?.strip_suffix("\n}\n")?,
    })
}

fn read_parts(parts: &Parts<'_>) -> Option<File> {
    let Front { workspace, cause, requires, .. } =
        serde_json::from_str(&format!("{}}}", parts.front)).ok()?;
    let content = serde_json::from_str(parts.content).ok()?;
    let origin = serde_json::from_str(parts.origin).ok()?;
    Some(File { workspace, cause, requires, content, origin, findings: None })
}

fn content_digest(bytes: &[u8]) -> Digest {
    Digest::of(CONTENT_DOMAIN, bytes)
}

/// Of all bytes, the digits of the digest itself taken as zeros.
fn whole_digest(bytes: &[u8]) -> Digest {
    let (before, rest) = bytes.split_at_checked(WHOLE_DIGITS_AT).unwrap_or((bytes, &[]));
    let after = rest.get(DIGITS..).unwrap_or_default();
    Digest::of_parts(WHOLE_DOMAIN, &[before, &[b'0'; DIGITS], after])
}

/// What is wrong with a file that does not begin like a plan of this version.
fn explain_head(bytes: &[u8]) -> LoadError {
    match serde_json::from_slice::<Header>(bytes) {
        Err(source) => LoadError::NotAPlan { problem: head_problem(bytes, &source), source },
        Ok(header) => too_new(&header).unwrap_or(LoadError::Reformatted),
    }
}

fn head_problem(bytes: &[u8], error: &serde_json::Error) -> String {
    if bytes.trim_ascii().is_empty() {
        return "it is empty".to_owned();
    }
    if error.is_data() {
        return "it does not begin with `rush_plan` and a version".to_owned();
    }
    format!("it is no JSON from line {}, column {} on", error.line(), error.column())
}

/// Why this build is too old for a plan, if it is.
fn newer(bytes: &[u8]) -> Option<LoadError> {
    serde_json::from_slice::<Header>(bytes).ok().and_then(|header| too_new(&header))
}

fn too_new(header: &Header) -> Option<LoadError> {
    if header.rush_plan != u64::from(FORMAT_VERSION) {
        return Some(LoadError::UnknownVersion { found: header.rush_plan, known: FORMAT_VERSION });
    }
    let unknown = header.requires.iter().find(|name| Feature::from_name(name).is_none())?;
    Some(LoadError::UnknownFeature(unknown.clone()))
}

/// Reads a file in one piece: it has an error to report, or more fields than those of this version.
///
/// Fields under `x-` are left out, others are errors.
fn read_whole(bytes: &[u8]) -> Result<File, LoadError> {
    let error = match serde_json::from_slice::<Whole>(bytes) {
        Ok(whole) => return Ok(whole.into()),
        Err(error) => error,
    };
    if let Some(reason) = newer(bytes) {
        return Err(reason);
    }
    if memchr::memmem::find(bytes, b"\"x-").is_none() {
        return Err(error.into());
    }
    let mut json: Json = serde_json::from_slice(bytes)?;
    strip_extensions(&mut json);
    Ok(serde_json::from_value::<Whole>(json)?.into())
}

/// The fields whose keys are chosen by people and may well begin with `x-`.
const NAMED_BY_PEOPLE: [&str; 9] =
    ["arguments", "cell", "env", "fields", "params", "secrets", "set", "slots", "variables"];

fn strip_extensions(json: &mut Json) {
    match json {
        Json::Object(fields) => {
            fields.retain(|key, _| !key.starts_with("x-"));
            for (key, value) in fields.iter_mut() {
                if !NAMED_BY_PEOPLE.contains(&key.as_str()) {
                    strip_extensions(value);
                }
            }
        }
        Json::Array(values) => values.iter_mut().for_each(strip_extensions),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => {}
    }
}
