/**
 * The grammar of Rush task files, edition 1, for tree-sitter.
 *
 * It follows `grammar/rush.ebnf` production by production. What a context-free grammar can't say is
 * in `src/scanner.c`: which newlines count, that an item starts at column 0, what must stand on the
 * same line, and how far a text reaches.
 */

/// <reference types="tree-sitter-cli/dsl" />
// @ts-check

/** Words that are no names; after a dot, before a colon and as a key they are words like others. */
const RESERVED = ['if', 'then', 'else', 'for', 'in', 'true', 'false', 'none', 'let'];

const COMPARISON = ['==', '!=', '<', '<=', '>', '>=', 'in'];

const DIGITS = /[0-9][0-9_]*/;
const DECIMAL = seq(DIGITS, optional(seq('.', DIGITS)));

/** A duration names each unit at most once, the largest first: `1h30m`. */
const DURATION_UNITS = ['d', 'h', 'm', 's', 'ms'];
const SIZE_UNITS = ['B', 'KB', 'MB', 'GB', 'TB', 'KiB', 'MiB', 'GiB', 'TiB'];

module.exports = grammar({
  name: 'rush',

  word: $ => $.identifier,

  reserved: { global: _ => RESERVED },

  // The order is that of `enum TokenType` in the scanner.
  externals: $ => [
    $._newline, // one that separates entries or ends an item
    $._line, // any other, with the indentation that follows
    $._use, // the words that open an item, at column 0
    $._let,
    $._param,
    $._fn,
    $._type,
    $._check,
    $._kind,
    $.kind,
    $._colon, // `:` with something behind it on its line
    $._equals, // these stand on the line of what they follow
    $._call_open,
    $._index_open,
    $._block_open,
    $._spread, // `...` with something behind it on its line
    $._text_open, // `"` or `"""`
    $._raw_open, // `r"` or `r"""`
    $._command_open, // a backtick or `argv"""`
    $.interpreter, // the tag of a script
    $._script_open, // `"""` right behind it
    $._content, // fixed text up to a hole, an escape or the end
    $.escape_sequence,
    $._hole_open,
    $._hole_close,
    $._text_close,
    $._unclosed, // stands for a bracket that is still open where the next item begins
    $._mistake, // after an item in which the scanner has mended something
    $._correction, // never comes, so that a mistake makes the tree erroneous
    $._error_sentinel, // valid only while the parser recovers
  ],

  extras: $ => [/[ \t\r\f\uFEFF]+/, $._line, $.comment, $.doc_comment, $.file_comment],

  supertypes: $ => [$.item, $.member, $.expression, $.type, $.element],

  inline: $ => [$._separator, $._key, $._text_literal],

  rules: {
    source_file: $ => seq(optional($.shebang), repeat(choice(seq($.item, optional($._newline)), $.mistake))),

    // What was left open in the item above, or stood at column 0, is mended where it is, so the tree
    // keeps its shape. This is how the parser hears of it.
    mistake: $ => seq($._mistake, $._correction),

    shebang: _ => token(seq('#!', /[^\n]*/)),
    comment: _ => token(seq('//', /[^\n]*/)),
    doc_comment: _ => token(prec(1, seq('///', /[^\n]*/))),
    file_comment: _ => token(prec(1, seq('//!', /[^\n]*/))),

    // Items

    item: $ => choice(
      $.use_item,
      $.let_item,
      $.param_item,
      $.fn_item,
      $.type_item,
      $.check_item,
      $.kind_item,
      $.declaration,
    ),

    use_item: $ => seq(
      alias($._use, 'use'),
      field('path', choice($._text_literal, $.raw_text)),
      'as',
      field('name', $.identifier),
    ),

    let_item: $ => seq(alias($._let, 'let'), $._definition),

    param_item: $ => seq(alias($._param, 'param'), $._parameter_parts),

    fn_item: $ => seq(
      alias($._fn, 'fn'),
      field('name', $.identifier),
      field('parameters', $.parameters),
      optional(seq('->', field('result', $.type))),
      alias($._equals, '='),
      field('body', $.expression),
    ),

    type_item: $ => seq(
      alias($._type, 'type'),
      field('name', $.identifier),
      '=',
      field('value', $.type),
    ),

    check_item: $ => seq(alias($._check, 'check'), $._condition),

    // Only the prelude declares kinds.
    kind_item: $ => seq(
      alias($._kind, 'kind'),
      field('name', $.identifier),
      optional(seq('(', repeat(choice($.ability, ',')), $._close_paren)),
      '=',
      field('fields', $.record_type),
    ),

    ability: $ => choice($.identifier, 'extends'),

    declaration: $ => seq(
      field('kind', $.kind),
      optional(field('name', choice($.identifier, alias('extends', $.identifier)))),
      optional(field('parameters', $.parameters)),
      optional($.extends),
      field('body', $.block),
    ),

    extends: $ => seq(
      'extends',
      field('base', $.path),
      optional(field('arguments', $.arguments)),
    ),

    parameters: $ => seq('(', parameters($), $._close_paren),

    parameter: $ => $._parameter_parts,

    // The last one may take what is left of the words on the command line.
    rest_parameter: $ => seq(repeat($.attribute), '...', $._declared),

    _parameter_parts: $ => seq(repeat($.attribute), $._declared),

    _declared: $ => seq(
      field('name', word($)),
      alias($._colon, ':'),
      field('type', $.type),
      optional(seq(alias($._equals, '='), field('default', $.expression))),
    ),

    attribute: $ => seq('@', word($)),

    _definition: $ => seq(
      field('name', $.identifier),
      optional(seq(alias($._colon, ':'), field('type', $.type))),
      alias($._equals, '='),
      field('value', $.expression),
    ),

    _condition: $ => seq(field('condition', $.expression), ',', field('message', $.expression)),

    // Records

    block: $ => seq(alias($._block_open, '{'), separated($, $.member), $._close_brace),

    record: $ => seq('{', separated($, $.member), $._close_brace),

    member: $ => choice($.let, $.check, $.spread, $.field),

    let: $ => seq('let', $._definition),

    check: $ => seq('check', $._condition),

    spread: $ => seq(alias($._spread, '...'), field('value', $.expression)),

    field: $ => seq(
      field('name', $._key),
      choice(seq(alias($._colon, ':'), field('value', $.expression)), field('value', $.block)),
    ),

    _key: $ => choice(word($, 'check'), $._text_literal),

    // Expressions

    expression: $ => choice($.if, $._or),

    if: $ => seq(
      'if',
      field('condition', $.expression),
      'then',
      field('consequence', $.expression),
      'else',
      field('alternative', $.expression),
    ),

    ...infix('_or', ['||'], '_or', '_and'),
    ...infix('_and', ['&&'], '_and', '_comparison'),
    ...infix('_comparison', COMPARISON, '_sum', '_sum'), // no chain: `a < b < c` is an error
    ...infix('_sum', ['+', '-'], '_sum', '_product'),
    ...infix('_product', ['*', '/', '%'], '_product', '_otherwise'),
    ...infix('_otherwise', ['??'], '_unary', '_otherwise'),

    _unary: $ => choice($.unary, $._postfix),
    unary: $ => seq(field('operator', choice('!', '-')), field('operand', $._postfix)),

    _postfix: $ => choice($.access, $.index, $.call, $._atom),
    access: $ => seq(field('base', $._postfix), '.', field('name', word($))),
    index: $ => seq(
      field('base', $._postfix),
      alias($._index_open, '['),
      field('index', $.expression),
      $._close_bracket,
    ),
    call: $ => seq(field('function', $._postfix), field('arguments', $.arguments)),

    arguments: $ => seq(alias($._call_open, '('), separated($, $.argument), $._close_paren),
    argument: $ => seq(
      optional(seq(field('name', word($)), alias($._colon, ':'))),
      field('value', $.expression),
    ),

    _atom: $ => choice(
      $.integer,
      $.float,
      $.duration,
      $.size,
      $.true,
      $.false,
      $.none,
      $.text,
      $.raw_text,
      $.command,
      $.script,
      $.identifier,
      $.list,
      $.record,
      $.group,
    ),

    group: $ => seq('(', $.expression, $._close_paren),

    list: $ => seq('[', separated($, $.element), $._close_bracket),

    element: $ => choice($.for_element, $.if_element, $.spread, $.expression),

    for_element: $ => seq(
      'for',
      field('name', $.identifier),
      'in',
      field('iterable', $.expression),
      optional(seq('if', field('condition', $.expression))),
      ':',
      field('element', $.element),
    ),

    if_element: $ => seq(
      'if',
      field('condition', $.expression),
      ':',
      field('element', $.element),
    ),

    // Types

    type: $ => choice($.union_type, $._member_type),

    union_type: $ => choice(
      seq('|', $._member_type, repeat(seq('|', $._member_type))),
      seq($._member_type, repeat1(seq('|', $._member_type))),
    ),

    _member_type: $ => choice($.optional_type, $._plain_type),

    optional_type: $ => seq($._plain_type, '?'),

    _plain_type: $ => choice(
      alias($.path, $.named_type),
      $.refined_type,
      $.map_type,
      $.tag_type,
      $.literal_type,
      $.list_type,
      $.record_type,
      $.group_type,
    ),

    refined_type: $ => seq(
      field('base', $.path),
      alias($._call_open, '('),
      choice($.range, $.raw_text, $._text_literal),
      $._close_paren,
    ),

    // `map(` is this type; elsewhere `map` is a name.
    map_type: $ => prec(1, seq('map', alias($._call_open, '('), optional(field('value', $.type)), $._close_paren)),

    tag_type: $ => seq(
      field('name', $.path),
      alias($._call_open, '('),
      parameters($),
      $._close_paren,
    ),

    literal_type: $ => choice(
      $._text_literal,
      seq(optional('-'), choice($.integer, $.float)),
      $.none,
    ),

    list_type: $ => seq('[', $.type, $._close_bracket),

    record_type: $ => seq('{', parameters($), $._close_brace),

    group_type: $ => seq('(', $.type, $._close_paren),

    range: $ => choice(
      seq(field('low', $._bound), choice('..', '..='), optional(field('high', $._bound))),
      seq(choice('..', '..='), field('high', $._bound)),
    ),

    _bound: $ => seq(optional('-'), choice($.integer, $.float, $.duration, $.size)),

    path: $ => seq(
      choice($.identifier, alias('map', $.identifier)),
      repeat(seq('.', word($))),
    ),

    // Texts

    text: $ => seq(
      $._text_open,
      repeat(choice(alias($._content, $.text_content), $.escape_sequence, $.hole)),
      $._text_close,
    ),

    // A text without holes.
    _text_literal: $ => alias($._fixed_text, $.text),

    _fixed_text: $ => seq(
      $._text_open,
      repeat(choice(alias($._content, $.text_content), $.escape_sequence)),
      $._text_close,
    ),

    raw_text: $ => seq(
      $._raw_open,
      optional(alias($._content, $.raw_content)),
      $._text_close,
    ),

    command: $ => seq(
      $._command_open,
      repeat(choice(alias($._content, $.command_content), $.escape_sequence, $.hole)),
      $._text_close,
    ),

    script: $ => seq(
      field('interpreter', $.interpreter),
      $._script_open,
      optional(field('body', alias($._content, $.script_body))),
      $._text_close,
    ),

    hole: $ => seq(
      alias($._hole_open, '${'),
      optional('...'),
      field('value', $.expression),
      alias($._hole_close, '}'),
    ),

    // Words and numbers

    true: _ => 'true',
    false: _ => 'false',
    none: _ => 'none',

    identifier: _ => /[A-Za-z_][A-Za-z0-9_]*/,
    integer: _ => token(DIGITS),
    float: _ => token(seq(DIGITS, '.', DIGITS)),
    size: _ => token(seq(DECIMAL, choice(...SIZE_UNITS))),
    duration: _ => token(choice(...DURATION_UNITS.map((_, first) => durationFrom(first)))),

    _separator: $ => choice(',', $._newline),
    _close_brace: $ => choice('}', $._unclosed),
    _close_bracket: $ => choice(']', $._unclosed),
    _close_paren: $ => choice(')', $._unclosed),
  },
});

/** Entries with a comma or newlines between, and perhaps a comma at the end. */
function separated($, entry) {
  return optional(seq(entry, repeat(seq($._separator, entry)), optional(',')));
}

/** Parameters, of which only the last may begin with `...`. */
function parameters($) {
  const rest = alias($.rest_parameter, $.parameter);
  const some = seq(
    $.parameter,
    repeat(seq($._separator, $.parameter)),
    optional(seq($._separator, rest)),
  );
  return optional(seq(choice(some, rest), optional(',')));
}

/** A name where also reserved words, and the contextual words given, are names. */
function word($, ...contextual) {
  return choice($.identifier, alias(choice(...RESERVED, ...contextual), $.identifier));
}

/**
 * One level of infix operators. `left` and `right` are what may stand beside them: the level itself
 * on the side it groups to. The tighter level is the operand that is not the level.
 */
function infix(level, operators, left, right) {
  const operation = `${level}_operation`;
  const tighter = right === level ? left : right;
  return {
    [level]: $ => choice(alias($[operation], $.binary), $[tighter]),
    [operation]: $ => seq(
      field('left', $[left]),
      field('operator', operators.length > 1 ? choice(...operators) : operators[0]),
      field('right', $[right]),
    ),
  };
}

/** A duration whose largest unit is the one at `first`. */
function durationFrom(first) {
  const [unit, ...smaller] = DURATION_UNITS.slice(first);
  return seq(DECIMAL, unit, ...smaller.map(it => optional(seq(DECIMAL, it))));
}
