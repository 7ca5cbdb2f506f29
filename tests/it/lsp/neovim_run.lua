-- Runs what is typed and not saved, and writes down what the lenses above the tasks say by themselves.
-- The test sets RUSH_COMMAND, RUSH_EDITOR_CONFIG, RUSH_FILE and RUSH_REPORT.

local patience = 30000
local report = { notices = {} }

local function wait(what, done)
  assert(vim.wait(patience, done, 20), what)
end

local function replace(old, new)
  local lines = vim.api.nvim_buf_get_lines(0, 0, -1, false)
  local text = table.concat(lines, "\n")
  local from, to = text:find(old, 1, true)
  assert(from, old .. " is not there")
  text = text:sub(1, from - 1) .. new .. text:sub(to + 1)
  vim.api.nvim_buf_set_lines(0, 0, -1, false, vim.split(text, "\n"))
  assert(vim.bo.modified, "nothing was typed")
end

local function run_at(words)
  vim.api.nvim_win_set_cursor(0, { 1, 0 })
  assert(vim.fn.search("\\V" .. words, "e") > 0, words .. " is not there")
  vim.cmd("RushRun")
  vim.cmd("stopinsert")
end

local function wait_for_file(name, text)
  wait(name .. " is not " .. text, function()
    return vim.fn.filereadable(name) == 1 and vim.fn.readfile(name)[1] == text
  end)
end

-- The lens with the last result of a task.
local function result_of(buffer, label)
  for _, lens in ipairs(vim.lsp.codelens.get(buffer)) do
    local command = lens.command
    if command and command.command == "rush.showRun" and command.arguments[1].label == label then
      return command.title
    end
  end
end

local function wait_for_result(buffer, label, start)
  wait(label .. " is not shown as " .. start, function()
    return vim.startswith(result_of(buffer, label) or "", start)
  end)
end

local function back_to(window)
  vim.api.nvim_set_current_win(window)
  vim.cmd("stopinsert | only")
end

local function session()
  vim.g.rush_command = vim.env.RUSH_COMMAND
  vim.o.hidden = true
  vim.notify = function(message)
    table.insert(report.notices, message)
  end
  vim.cmd("source " .. vim.fn.fnameescape(vim.env.RUSH_EDITOR_CONFIG))
  vim.cmd("edit " .. vim.fn.fnameescape(vim.env.RUSH_FILE))
  local buffer, window = vim.api.nvim_get_current_buf(), vim.api.nvim_get_current_win()
  wait("there are no lenses", function() return #vim.lsp.codelens.get(buffer) > 0 end)

  replace("echo OLD", "echo NEW")
  run_at("task known")
  wait_for_file("ran.txt", "NEW")
  wait_for_result(buffer, "//:known", "✓ succeeded")
  back_to(window)

  replace("task known", "task fresh {\n  run: sh\"\"\"\n    test -e ran.txt && echo so > fresh.txt\n  \"\"\"\n}\n\ntask known")
  run_at("task fresh")
  wait_for_file("fresh.txt", "so")
  wait_for_result(buffer, "//:fresh", "✓ succeeded")
  back_to(window)

  -- As from a terminal.
  vim.fn.delete("ran.txt")
  vim.fn.system({ vim.env.RUSH_COMMAND, "run", "fresh" })
  wait_for_result(buffer, "//:fresh", "✗ failed")

  vim.cmd("edit gone/other.rush")
  vim.api.nvim_buf_set_lines(0, 0, -1, false, { "let x = 1" })
  vim.cmd("buffer " .. buffer)
  report.windows = #vim.api.nvim_list_wins()
  run_at("task known")
  report.windows_after = #vim.api.nvim_list_wins()
end

local is_done, problem = pcall(session)
if not is_done then
  report.problem = problem
end
vim.fn.writefile({ (vim.json and vim.json.encode or vim.fn.json_encode)(report) }, vim.env.RUSH_REPORT)
vim.cmd("qall!")
