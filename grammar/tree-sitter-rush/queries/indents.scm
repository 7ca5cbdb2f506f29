; A line is indented deeper inside every bracket that an earlier line opens.

[
  (block)
  (record)
  (list)
  (parameters)
  (arguments)
  (record_type)
  (group)
] @indent.begin

["}" "]" ")"] @indent.branch @indent.end

; What stands in a text is the author's.
[
  (text)
  (raw_text)
  (command)
  (script)
] @indent.ignore

(ERROR) @indent.auto
