; Where names are known. What is behind `definition.` is the colour of their uses, in Helix's names.

[
  (source_file)
  (declaration)
  (fn_item)
  (block)
  (record)
  (for_element)
] @local.scope

(use_item name: (identifier) @local.definition.namespace)
(let_item name: (identifier) @local.definition.constant)
(let name: (identifier) @local.definition.constant)
(param_item name: (identifier) @local.definition.variable.parameter)
(parameters (parameter name: (identifier) @local.definition.variable.parameter))
(for_element name: (identifier) @local.definition.variable.parameter)

(access base: (identifier) @local.reference)
(identifier) @local.reference
