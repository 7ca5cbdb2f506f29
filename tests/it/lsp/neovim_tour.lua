-- Completes, fixes, looks up, renames across files and runs, and writes down what happened.
-- The test sets RUSH_COMMAND, RUSH_EDITOR_CONFIG, RUSH_FILE and RUSH_REPORT.

local patience = 30000
local report = {}

local function request(method, extra)
  local params = vim.tbl_extend("force", vim.lsp.util.make_position_params(0, "utf-16"), extra or {})
  local answers = assert(vim.lsp.buf_request_sync(0, method, params, patience), method .. " was not answered")
  for _, answer in pairs(answers) do
    assert(not answer.error, method .. ": " .. vim.inspect(answer.error))
    return answer.result
  end
end

local function text()
  return table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, false), "\n") .. "\n"
end

local function cursor_behind(words)
  vim.api.nvim_win_set_cursor(0, { 1, 0 })
  assert(vim.fn.search("\\V" .. words, "e") > 0, words .. " is not there")
end

local function wait(what, done)
  assert(vim.wait(patience, done, 20), what)
end

local function complete()
  cursor_behind("needs: [lib.")
  local at = vim.api.nvim_win_get_cursor(0)
  vim.api.nvim_win_set_cursor(0, { at[1], at[2] + 1 })
  local found = request("textDocument/completion")
  return vim.tbl_map(function(it) return it.label end, found.items or found)
end

-- The one fix of the one mistake, applied as the editor applies it.
local function fix()
  local mistake = vim.diagnostic.get(0)[1]
  local lsp = mistake.user_data.lsp
  local here = { line = mistake.lnum, character = mistake.col }
  local actions = request("textDocument/codeAction", {
    range = { start = here, ["end"] = here },
    context = {
      only = { "quickfix" },
      diagnostics = { {
        range = { start = here, ["end"] = { line = mistake.end_lnum, character = mistake.end_col } },
        message = mistake.message,
        code = lsp and lsp.code,
        source = mistake.source,
      } },
    },
  })
  local action = assert(actions[1], "there is no fix")
  if not action.edit then
    action = request("codeAction/resolve", action)
  end
  vim.lsp.util.apply_workspace_edit(action.edit, "utf-16")
end

-- The server knows which task of which file the cursor is in, wherever Neovim itself is.
local function run_below()
  vim.cmd("stopinsert | only")
  vim.cmd("edit " .. vim.fn.fnameescape(vim.fn.getcwd() .. "/app/tools.rush"))
  wait("the file has no server", function() return next(vim.lsp.buf_get_clients(0)) ~= nil end)
  cursor_behind("needs: [")
  vim.cmd("RushRun")
  wait("the task of the file below did not run", function()
    return vim.fn.filereadable("app/ran.txt") == 1 and vim.fn.readfile("app/ran.txt")[1] == "below"
  end)
  vim.cmd("stopinsert | only")
  vim.cmd("edit " .. vim.fn.fnameescape(vim.fn.getcwd() .. "/app/tasks.rush"))
  report.task_names_below = vim.fn.getcompletion("RushRun ", "cmdline")
end

-- What a person sees and has without asking: keys, colours, and what can be done with a task.
local function comforts()
  wait("no lens is shown", function() return #vim.lsp.codelens.get(0) > 0 end)
  cursor_behind("task")
  local shown = vim.fn.synID(vim.fn.line("."), vim.fn.col("."), 1)
  return {
    hover = vim.fn.maparg("K", "n") ~= "",
    rename = vim.fn.maparg("grn", "n") ~= "",
    colour = vim.fn.synIDattr(shown, "name"),
  }
end

-- What becomes of a completion over several lines, which Neovim inserts as one with NULs.
local function completed_lines()
  vim.cmd("enew | file " .. vim.fn.fnameescape(vim.fn.getcwd() .. "/scratch.rush"))
  vim.api.nvim_set_current_line("  retry {\0    \0  }")
  vim.cmd("doautocmd CompleteDone")
  return { vim.api.nvim_buf_get_lines(0, 0, -1, false), vim.api.nvim_win_get_cursor(0) }
end

-- Where a field is declared: a document that only the server has.
local function visit_prelude()
  cursor_behind("  needs")
  vim.lsp.buf.definition()
  wait("the prelude is not shown", function()
    return vim.api.nvim_buf_get_name(0):find("rush-prelude:", 1, true) and vim.fn.line("$") > 100
  end)
  local line = vim.api.nvim_get_current_line()
  local is_changeable = vim.bo.modifiable
  vim.cmd("buffer #")
  return { line, is_changeable }
end

local function session()
  vim.g.rush_command = vim.env.RUSH_COMMAND
  vim.o.hidden = true
  vim.cmd("syntax enable")
  vim.cmd("source " .. vim.fn.fnameescape(vim.env.RUSH_EDITOR_CONFIG))
  vim.cmd("edit " .. vim.fn.fnameescape(vim.env.RUSH_FILE))
  wait("the mistake is not shown", function() return #vim.diagnostic.get(0) > 0 end)
  report.comforts = comforts()
  report.completions = complete()
  fix()
  report.fixed = text()
  wait("the mistake is still shown", function() return #vim.diagnostic.get(0) == 0 end)
  cursor_behind("needs: [lib.b")
  local hover = request("textDocument/hover")
  report.hover = hover.contents.value or hover.contents
  local definition = request("textDocument/definition")
  report.definition = definition.uri or definition[1].uri or definition[1].targetUri
  report.prelude = visit_prelude()
  cursor_behind("needs: [lib.b")
  vim.lsp.buf.rename("compile")
  wait("nothing was renamed", function() return text():find("lib.compile", 1, true) end)
  vim.cmd("silent wall")
  wait("a mistake came with the new name", function() return #vim.diagnostic.get(0) == 0 end)
  report.diagnostics = vim.diagnostic.get(0)
  report.task_names = vim.fn.getcompletion("RushRun ", "cmdline")
  cursor_behind("task test")
  vim.cmd("RushRun")
  wait("the task did not run", function() return vim.fn.filereadable("ran.txt") == 1 end)
  wait("the task did not end", function() return vim.fn.readfile("ran.txt")[1] == "done" end)
  run_below()
  report.completed_lines = completed_lines()
end

local is_done, problem = pcall(session)
if not is_done then
  report.problem = problem
end
vim.fn.writefile({ (vim.json and vim.json.encode or vim.fn.json_encode)(report) }, vim.env.RUSH_REPORT)
vim.cmd("qall!")
