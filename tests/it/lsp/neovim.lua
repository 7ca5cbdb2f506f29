-- Types a mistake into a file without saving it, formats, and writes down what Neovim shows.
-- The test sets RUSH_COMMAND, RUSH_EDITOR_CONFIG, RUSH_FILE, RUSH_TYPED and RUSH_REPORT.

local patience = 30000
local report = {}

local function diagnostics()
  local shown = {}
  for _, it in ipairs(vim.diagnostic.get(0)) do
    local code = it.code or (it.user_data and it.user_data.lsp and it.user_data.lsp.code)
    table.insert(shown, {
      line = it.lnum,
      column = it.col,
      end_line = it.end_lnum,
      end_column = it.end_col,
      code = code,
      message = it.message,
    })
  end
  return shown
end

local function text()
  return table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, false), "\n") .. "\n"
end

local function format()
  if vim.lsp.buf.format then
    vim.lsp.buf.format({ timeout_ms = patience })
  else
    vim.lsp.buf.formatting_sync(nil, patience)
  end
end

local function session()
  vim.g.rush_command = vim.env.RUSH_COMMAND
  vim.cmd("source " .. vim.fn.fnameescape(vim.env.RUSH_EDITOR_CONFIG))
  vim.cmd("edit " .. vim.fn.fnameescape(vim.env.RUSH_FILE))
  local has_server = vim.wait(patience, function()
    local clients = (vim.lsp.get_clients or vim.lsp.get_active_clients)()
    return #clients > 0 and clients[1].initialized ~= nil and next(clients[1].server_capabilities or {}) ~= nil
  end)
  assert(has_server, "the server did not start")
  assert(#diagnostics() == 0, "there is a mistake before one was typed")
  vim.api.nvim_feedkeys("Go" .. vim.env.RUSH_TYPED, "tx", true)
  report.typed = text()
  assert(vim.wait(patience, function() return #diagnostics() > 0 end), "nothing was shown")
  report.diagnostics = diagnostics()
  report.is_modified = vim.bo.modified
  format()
  report.formatted = text()
end

local is_done, problem = pcall(session)
if not is_done then
  report.problem = problem
end
vim.fn.writefile({ vim.json and vim.json.encode(report) or vim.fn.json_encode(report) }, vim.env.RUSH_REPORT)
vim.cmd("qall!")
