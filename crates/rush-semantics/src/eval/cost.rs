//! What values cost. The budget of a planning counts what is made and looked through, not only how often:
//! a list that is doubled twenty times takes twenty calls and a million places in memory.
//!
//! It is paid before the value is made, so what does not fit the budget never exists. Looking is not
//! making: it costs time and no memory, so it is much cheaper.

use smol_str::SmolStr;

use super::STEPS_MAX;
use super::session::{Eval, Place, Session};
use super::value::{Piece, Record, Value};

/// How much of a value one step pays for. Four elements of a list or a line of text: what an ordinary
/// workspace makes is far below the budget, and the budget is far below what a computer has.
const BYTES_PER_STEP: usize = 128;

/// How much of the copy a conversion makes one step pays for: every task converts the lists it is given
/// once more, and forgets them when it is planned.
const CONVERTED_BYTES_PER_STEP: usize = 1 << 10;

/// How much of a value one step looks through.
const LOOKED_AT_BYTES_PER_STEP: usize = 1 << 11;

/// The size of an element, a field or a piece, without what it refers to.
const ELEMENT_BYTES: usize = size_of::<Value>();

impl Session<'_> {
    /// Pays for making so many bytes.
    pub(super) fn pay(&mut self, bytes: usize, at: Place) -> Eval<()> {
        self.spend((bytes / BYTES_PER_STEP) as u64, at)
    }

    /// Pays for as many elements of a list.
    pub(super) fn pay_for_elements(&mut self, count: usize, at: Place) -> Eval<()> {
        self.pay(count.saturating_mul(ELEMENT_BYTES), at)
    }

    /// Pays for looking through a value down to its last part.
    pub(super) fn pay_for_whole(&mut self, value: &Value, at: Place) -> Eval<()> {
        self.spend(way_through(value, LOOKED_AT_BYTES_PER_STEP), at)
    }

    /// Pays for making all of a value once more, as one of another type.
    pub(super) fn pay_for_converted(&mut self, value: &Value, at: Place) -> Eval<()> {
        self.spend(way_through(value, CONVERTED_BYTES_PER_STEP), at)
    }
}

/// How many steps the way through a value takes; more than there are if that is more. A list may hold
/// one list many times over, so the way may be longer than the value is big.
fn way_through(value: &Value, bytes_per_step: usize) -> u64 {
    let enough = (STEPS_MAX as usize + 1) * bytes_per_step;
    let mut left = enough;
    walk(value, &mut left);
    ((enough - left) / bytes_per_step) as u64
}

/// Takes what is looked at from `left` until nothing is.
fn walk(value: &Value, left: &mut usize) {
    *left = left.saturating_sub(own_bytes(value));
    let mut inner = |it: &Value| {
        if *left > 0 {
            walk(it, left);
        }
        *left > 0
    };
    let mut fields = |it: &Record| it.iter().all(|(_, it)| inner(it));
    match value {
        Value::List(elements) => {
            elements.iter().all(inner);
        }
        Value::Record(record) => {
            fields(record);
        }
        Value::Tag(tag) => {
            fields(&tag.fields);
        }
        _ => {}
    }
}

/// What a value takes up without what is in its elements.
pub(super) fn own_bytes(value: &Value) -> usize {
    match value {
        Value::List(elements) => elements.len() * ELEMENT_BYTES,
        Value::Record(record) => record.len() * ELEMENT_BYTES,
        Value::Tag(tag) => tag.fields.len() * ELEMENT_BYTES,
        Value::SecretText(pieces) | Value::PlacedText(pieces) => bytes_of(pieces),
        other => other.as_text().map_or(0, SmolStr::len),
    }
}

fn bytes_of(pieces: &[Piece]) -> usize {
    let texts = pieces.iter().map(|it| match it {
        Piece::Text(text) => text.len(),
        Piece::Path(path) => path.len(),
        Piece::Secret(_) => 0,
    });
    pieces.len() * ELEMENT_BYTES + texts.sum::<usize>()
}

/// What the result of a method takes up at most.
pub(super) fn method_bytes(base: &Value, name: &str, args: &[Value]) -> usize {
    let argument = |at: usize| args.get(at).and_then(Value::as_text).map_or("", |it| it.as_str());
    match (base, name) {
        (Value::Text(text), "replace") => replaced_bytes(text, argument(0), argument(1)),
        (Value::Text(text), "split") => {
            let parts = match argument(0) {
                "" => text.len(),
                separator => text.matches(separator).count() + 1,
            };
            text.len().saturating_add(parts.saturating_mul(ELEMENT_BYTES))
        }
        (Value::Text(_) | Value::Path(_), _) => own_bytes(base),
        (Value::List(elements), "join") => {
            let separators = elements.len().saturating_mul(args.first().map_or(0, own_bytes));
            elements.iter().map(own_bytes).fold(separators, usize::saturating_add)
        }
        (Value::Record(_), _) => own_bytes(base),
        _ => 0,
    }
}

/// The length of a text when `from` is replaced, without replacing it.
fn replaced_bytes(text: &str, from: &str, to: &str) -> usize {
    let found = text.matches(from).count();
    text.len().saturating_add(found.saturating_mul(to.len()))
}
