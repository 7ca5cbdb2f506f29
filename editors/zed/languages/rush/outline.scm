(let_item "let" @context name: (identifier) @name) @item
(param_item "param" @context name: (identifier) @name) @item
(fn_item "fn" @context name: (identifier) @name) @item
(type_item "type" @context name: (identifier) @name) @item
(declaration kind: (kind) @context name: (identifier) @name) @item
