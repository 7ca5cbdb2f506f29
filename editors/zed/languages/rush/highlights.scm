; What things are called follows the common capture names, so themes need to know nothing of Rush.
; Later patterns win over earlier ones.

(identifier) @variable

; Comments

(shebang) @keyword.directive
(comment) @comment
(doc_comment) @comment.documentation
(file_comment) @comment.documentation

; Items

(kind) @keyword.type
["use" "as"] @keyword.import
["let" "param" "type" "kind" "extends"] @keyword
"fn" @keyword.function
"check" @keyword.exception

(use_item name: (identifier) @module)
(let_item name: (identifier) @constant)
(let name: (identifier) @constant)
(param_item name: (identifier) @variable.parameter)
(fn_item name: (identifier) @function)
(type_item name: (identifier) @type.definition)
(kind_item name: (identifier) @type.definition)
(ability) @attribute
(declaration name: (identifier) @function)
(extends base: (path (identifier) @function))

; Parameters, fields and arguments

(parameter name: (identifier) @variable.parameter)
(record_type (parameter name: (identifier) @property))
(attribute "@" @attribute (identifier) @attribute)
(field name: (identifier) @property)
(argument name: (identifier) @variable.parameter)
(access name: (identifier) @variable.member)
(call function: (identifier) @function.call)
(call function: (access name: (identifier) @function.method.call))
(for_element name: (identifier) @variable.parameter)

; Types

(named_type (identifier) @type)
(refined_type base: (path (identifier) @type))
(tag_type name: (path (identifier) @constructor))
"map" @type.builtin
(literal_type (none) @constant.builtin)

((named_type (identifier) @type.builtin)
  (#any-of? @type.builtin
    "bool" "int" "float" "string" "duration" "size" "path" "glob" "regex" "cron" "command" "secret"))

((refined_type base: (path (identifier) @type.builtin))
  (#any-of? @type.builtin "int" "float" "string" "duration" "size"))

; Values

[(integer) (duration) (size)] @number
(float) @number.float
[(true) (false)] @boolean
(none) @constant.builtin

(text) @string
(raw_text) @string
(refined_type (raw_text) @string.regexp)
(command) @string.special
(script) @string.special
(interpreter) @function.macro
(escape_sequence) @string.escape
(hole "${" @punctuation.special)
(hole "}" @punctuation.special)

; A path and a key are texts, too.
(use_item path: (_) @string.special.path)
(field name: (text) @property)

; Words and signs

["if" "then" "else"] @keyword.conditional
["for"] @keyword.repeat
["in"] @keyword.operator

["=" "->" "==" "!=" "<" "<=" ">" ">=" "||" "&&" "??" "!" "+" "-" "*" "/" "%" "|" "?" "..." ".." "..="] @operator
["{" "}" "[" "]" "(" ")"] @punctuation.bracket
["," "." ":"] @punctuation.delimiter
