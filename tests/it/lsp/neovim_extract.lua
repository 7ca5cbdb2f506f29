-- Extracts what stands between RUSH_FROM and RUSH_TO, both included, and gives it the name RUSH_NAME when it
-- is asked for one. Writes down what the buffer holds then, and under which name it was asked.
-- The test sets RUSH_COMMAND, RUSH_EDITOR_CONFIG, RUSH_FILE, RUSH_TITLE and RUSH_REPORT, too.

local patience = 30000
local report = {}

local function text()
  return table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, false), "\n") .. "\n"
end

local function wait(what, done)
  assert(vim.wait(patience, done, 20), what)
end

-- Line and column, as marks have them.
local function place_of(words, flags)
  vim.api.nvim_win_set_cursor(0, { 1, 0 })
  assert(vim.fn.search("\\V" .. words, flags) > 0, words .. " is not there")
  return vim.api.nvim_win_get_cursor(0)
end

-- Who is asked, and what is answered.
vim.ui.select = function(items, options, choose)
  for _, it in ipairs(items) do
    if options.format_item(it) == vim.env.RUSH_TITLE then
      return choose(it, 1)
    end
  end
  report.offered = vim.tbl_map(options.format_item, items)
end
vim.ui.input = function(options, answer)
  report.asked = options.default
  answer(vim.env.RUSH_NAME)
end

local function extract()
  local last, first = place_of(vim.env.RUSH_TO, "e"), place_of(vim.env.RUSH_FROM, "")
  local context = { only = { "refactor.extract" } }
  if vim.lsp.buf.range_code_action then
    vim.lsp.buf.range_code_action(context, first, last)
  else
    vim.lsp.buf.code_action({ context = context, range = { start = first, ["end"] = last } })
  end
end

local function session()
  vim.g.rush_command = vim.env.RUSH_COMMAND
  vim.cmd("source " .. vim.fn.fnameescape(vim.env.RUSH_EDITOR_CONFIG))
  vim.cmd("edit " .. vim.fn.fnameescape(vim.env.RUSH_FILE))
  wait("the server did not start", function()
    local clients = (vim.lsp.get_clients or vim.lsp.get_active_clients)()
    return clients[1] and clients[1].initialized and next(clients[1].server_capabilities or {}) ~= nil
  end)
  extract()
  wait("nothing got the name", function()
    return report.offered or text():find("let " .. vim.env.RUSH_NAME, 1, true)
  end)
  report.text = text()
  report.is_modified = vim.bo.modified
end

local is_done, problem = pcall(session)
if not is_done then
  report.problem = problem
end
vim.fn.writefile({ (vim.json and vim.json.encode or vim.fn.json_encode)(report) }, vim.env.RUSH_REPORT)
vim.cmd("qall!")
