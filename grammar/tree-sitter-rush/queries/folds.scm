[
  (block)
  (record)
  (list)
  (parameters)
  (arguments)
  (record_type)
  (tag_type)
  (script)
  (text)
  (raw_text)
  (command)
] @fold

((use_item) @fold . (use_item))

(doc_comment)+ @fold
(file_comment)+ @fold
