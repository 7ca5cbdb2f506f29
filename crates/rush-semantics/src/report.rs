//! Every diagnostic of the analysis, made by one named function each.
//!
//! The wording lives here and nowhere else. A function is given what it must show and where; it
//! never looks anything up.

#![allow(
    clippy::needless_pass_by_value,
    reason = "a place is made for the finding that is given it"
)]

mod definitions;
mod graph;
mod habits;
mod names;
mod types;
mod values;

pub use definitions::{
    ambiguous_service, bad_edition, by_a_script, circular, deprecated, duplicate_field,
    duplicate_item, duplicate_workspace, extends_nothing, extends_too_long, file_doc_below,
    flag_name, idle_cache, label_comment, left_open, missing_ready, needless_name,
    not_allowed_here, nothing_to_do, repeats_default, service_default, service_unneeded,
    type_too_large, unnamed_declaration, unused_import, unused_secret, verb_name,
    workspace_elsewhere,
};
pub use graph::{
    CircleStep, Place, add_need, calls_race, cells_race, missing_need, needs_cycle, output_race,
    port_clash, skipped_outputs, unproved_races,
};
pub use habits::{
    Dashed, Unexpanded, bare_map, dashed_name, name_in_braces, not_passed_on, unexpanded,
};
pub use names::{
    Fields, LET_MISSING, Measured, axis_without_matrix, is_documentation, list_by_method,
    no_member, no_package, no_selected, private_name, script_and_env, shadowing, task_of_package,
    unknown_field, unknown_file, unknown_kind, unknown_name, unknown_template, unknown_type,
    with_kind, with_let, with_quotes, with_task, with_variants, word_without_quotes,
};
pub use types::{
    Remedy, bad_glob, bad_operands, bad_path, bad_refinement, bad_regex, better_glob,
    commands_for_tasks, comparison_is_constant, field_takes_tag, list_in_argument, maybe_none,
    maybe_none_argument, maybe_none_element, maybe_none_in_list, mismatch, needs_quotes,
    not_a_member, one_command, out_of_range, outside_workspace, pattern_mismatch, rest_is_no_list,
    secrets_compared, too_wide, unquoted_script,
};
pub use values::{
    ParamProposal, computed_script, incomplete_selection, left_out, list_in_script,
    matrix_too_large, missing_argument, missing_entry, missing_entry_of_record, missing_field,
    not_a_value, not_callable, not_written_out, or_left_out, read_not_allowed, repeated_argument,
    secret_leak, surplus_argument, unknown_argument, unsettable_parameter, with_fallback,
    with_param,
};

/// A number with a comma before each group of three digits.
pub fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut shown = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            shown.push(',');
        }
        shown.push(digit);
    }
    shown
}
