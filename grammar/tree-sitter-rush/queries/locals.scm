; Scopes are the file, an item with parameters, a record, and an element with a name of its own.

[
  (source_file)
  (declaration)
  (fn_item)
  (block)
  (record)
  (for_element)
] @local.scope

(use_item name: (identifier) @local.definition.import)
(let_item name: (identifier) @local.definition.constant)
(let name: (identifier) @local.definition.constant)
(param_item name: (identifier) @local.definition.parameter)
(parameter name: (identifier) @local.definition.parameter)
(for_element name: (identifier) @local.definition.var)

; The name of an item is known outside it.
((fn_item name: (identifier) @local.definition.function)
  (#set! definition.function.scope "parent"))
((declaration name: (identifier) @local.definition.function)
  (#set! definition.function.scope "parent"))
((type_item name: (identifier) @local.definition.type)
  (#set! definition.type.scope "parent"))

(access base: (identifier) @local.reference)
(identifier) @local.reference
(extends base: (path . (identifier) @local.reference))
(named_type . (identifier) @local.reference)
