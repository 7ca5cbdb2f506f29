; The interpreter of a script says which language its body is.

((script
  interpreter: (interpreter) @_interpreter
  body: (script_body) @injection.content)
  (#any-of? @_interpreter "sh" "bash" "zsh")
  (#set! injection.language "bash"))

((script
  interpreter: (interpreter) @_interpreter
  body: (script_body) @injection.content)
  (#eq? @_interpreter "node")
  (#set! injection.language "javascript"))

((script
  interpreter: (interpreter) @_interpreter
  body: (script_body) @injection.content)
  (#eq? @_interpreter "pwsh")
  (#set! injection.language "powershell"))

; The others are called like their language: `python`, `ruby`, `fish`, `nu`.
((script
  interpreter: (interpreter) @injection.language
  body: (script_body) @injection.content)
  (#not-any-of? @injection.language "sh" "bash" "zsh" "node" "pwsh"))

; `string(r"..")` and the fields that hold a pattern.

((refined_type (raw_text (raw_content) @injection.content))
  (#set! injection.language "regex"))

((field
  name: (identifier) @_name
  value: (raw_text (raw_content) @injection.content))
  (#any-of? @_name "on_pattern" "pattern")
  (#set! injection.language "regex"))

([(comment) (doc_comment) (file_comment)] @injection.content
  (#set! injection.language "comment"))
