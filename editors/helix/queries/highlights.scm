; The colours of the common queries in the names of Helix's themes. No word has two patterns, so that it does
; not count which of them an editor prefers.

; Comments

(shebang) @keyword.directive
(comment) @comment.line
[(doc_comment) (file_comment)] @comment.line.documentation

; Items

(kind) @keyword.storage.type
["use" "as"] @keyword.control.import
["let" "param" "type" "kind" "extends"] @keyword
"fn" @keyword.function
"check" @keyword.control.exception

(use_item name: (identifier) @namespace)
(let_item name: (identifier) @constant)
(let name: (identifier) @constant)
(param_item name: (identifier) @variable.parameter)
(fn_item name: (identifier) @function)
(type_item name: (identifier) @type)
(kind_item name: (identifier) @type)
(ability) @attribute
(declaration name: (identifier) @function)
(extends base: (path (identifier) @function))

; Parameters, fields and arguments

(parameters (parameter name: (identifier) @variable.parameter))
([(record_type (parameter name: (identifier) @variable.other.member))
  (tag_type (parameter name: (identifier) @variable.other.member))])
(attribute "@" @attribute (identifier) @attribute)
(field name: (identifier) @variable.other.member)
(argument name: (identifier) @variable.parameter)
(access name: (identifier) @variable.other.member)
(call function: (identifier) @function)
(for_element name: (identifier) @variable.parameter)

; Types

((named_type (identifier) @type)
  (#not-any-of? @type
    "bool" "int" "float" "string" "duration" "size" "path" "glob" "regex" "cron" "command" "secret"))
((named_type (identifier) @type.builtin)
  (#any-of? @type.builtin
    "bool" "int" "float" "string" "duration" "size" "path" "glob" "regex" "cron" "command" "secret"))
((refined_type base: (path (identifier) @type))
  (#not-any-of? @type "int" "float" "string" "duration" "size"))
((refined_type base: (path (identifier) @type.builtin))
  (#any-of? @type.builtin "int" "float" "string" "duration" "size"))
(tag_type name: (path (identifier) @constructor))
"map" @type.builtin

; Values

[(integer) (duration) (size)] @constant.numeric
(float) @constant.numeric.float
[(true) (false)] @constant.builtin.boolean
(none) @constant.builtin

[(text) (raw_text)] @string
[(command) (script)] @string.special
(interpreter) @function.macro
(escape_sequence) @constant.character.escape
(hole "${" @punctuation.special)
(hole "}" @punctuation.special)

; Words and signs

["if" "then" "else"] @keyword.control.conditional
"for" @keyword.control.repeat
"in" @keyword.operator

["=" "->" "==" "!=" "<" "<=" ">" ">=" "||" "&&" "??" "!" "+" "-" "*" "/" "%" "|" "?" "..." ".." "..="] @operator
["{" "[" "]" "(" ")"] @punctuation.bracket
(_ "{" "}" @punctuation.bracket)
["," "." ":"] @punctuation.delimiter
