//! The layout of a plan's JSON: what fits goes on one line, everything else has one entry a line.
//!
//! There is exactly one layout for a value, so equal plans have equal bytes.

use serde_json::Value as Json;

/// How long a line with a whole list or object may be, its indentation left out.
const WIDTH: usize = 100;

/// Appends a value whose first line is already indented by `indent` spaces.
pub(super) fn write(out: &mut Vec<u8>, value: &Json, indent: usize) {
    let start = out.len();
    if write_line(out, value, start + WIDTH) {
        return;
    }
    out.truncate(start);
    match value {
        Json::Array(values) => {
            out.push(b'[');
            for (at, value) in values.iter().enumerate() {
                start_entry(out, at, indent + 2);
                write(out, value, indent + 2);
            }
            break_line(out, indent);
            out.push(b']');
        }
        Json::Object(fields) => {
            out.push(b'{');
            for (at, (key, value)) in fields.iter().enumerate() {
                start_entry(out, at, indent + 2);
                write_text(out, key);
                out.extend_from_slice(b": ");
                write(out, value, indent + 2);
            }
            break_line(out, indent);
            out.push(b'}');
        }
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => scalar(out, value),
    }
}

/// Appends a value on one line; `false` if that would go beyond `end`.
fn write_line(out: &mut Vec<u8>, value: &Json, end: usize) -> bool {
    match value {
        Json::Array(values) => {
            out.push(b'[');
            for (at, value) in values.iter().enumerate() {
                separate(out, at);
                if !write_line(out, value, end) {
                    return false;
                }
            }
            out.push(b']');
        }
        Json::Object(fields) => {
            out.push(b'{');
            for (at, (key, value)) in fields.iter().enumerate() {
                separate(out, at);
                write_text(out, key);
                out.extend_from_slice(b": ");
                if !write_line(out, value, end) {
                    return false;
                }
            }
            out.push(b'}');
        }
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => scalar(out, value),
    }
    out.len() <= end
}

fn separate(out: &mut Vec<u8>, at: usize) {
    if at > 0 {
        out.extend_from_slice(b", ");
    }
}

fn start_entry(out: &mut Vec<u8>, at: usize, indent: usize) {
    if at > 0 {
        out.push(b',');
    }
    break_line(out, indent);
}

fn break_line(out: &mut Vec<u8>, indent: usize) {
    out.push(b'\n');
    out.resize(out.len() + indent, b' ');
}

fn write_text(out: &mut Vec<u8>, text: &str) {
    serde_json::to_writer(out, text).expect("a text always serialises");
}

fn scalar(out: &mut Vec<u8>, value: &Json) {
    serde_json::to_writer(out, value).expect("a value always serialises");
}
