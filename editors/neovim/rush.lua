-- Rush in Neovim: everything the language server knows, and `:RushRun`. Works from Neovim 0.7 on.
--
-- Put this file into your configuration, for example as `plugin/rush.lua`, or paste it into
-- `init.lua`. If `rush` is not on your PATH, say where it is before: `vim.g.rush_command = "..."`.

local rush = vim.g.rush_command or "rush"
local command = { rush, "lsp" }
local group = vim.api.nvim_create_augroup("rush", { clear = true })

-- A legacy `.rush` is YAML and has no name before the dot; it is left alone.
vim.api.nvim_create_autocmd({ "BufRead", "BufNewFile" }, {
  group = group,
  pattern = { "?*.rush" },
  callback = function()
    if vim.fn.expand("<afile>:t") ~= ".rush" then
      vim.opt_local.filetype = "rush"
    end
  end,
})

-- Keys that Neovim 0.11 has by itself, for the versions before; those you have mapped stay yours.
local keys = {
  K = vim.lsp.buf.hover,
  grn = function() vim.lsp.buf.rename() end,
  gra = vim.lsp.buf.code_action,
  grr = function() vim.lsp.buf.references() end,
}

vim.api.nvim_create_autocmd("FileType", {
  group = group,
  pattern = "rush",
  callback = function()
    vim.opt_local.commentstring = "// %s"
    vim.opt_local.comments = ":///,://!,://"
    vim.opt_local.expandtab = true
    vim.opt_local.shiftwidth = 2
    vim.opt_local.smartindent = true
    vim.opt_local.omnifunc = "v:lua.vim.lsp.omnifunc"
    vim.opt_local.tagfunc = "v:lua.vim.lsp.tagfunc"
    vim.opt_local.formatexpr = "v:lua.vim.lsp.formatexpr()"
    for key, act in pairs(vim.fn.has("nvim-0.11") == 0 and keys or {}) do
      if vim.fn.maparg(key, "n") == "" then
        vim.keymap.set("n", key, act, { buffer = true })
      end
    end
    -- Colours, when a parser for Rush is installed.
    if vim.treesitter and vim.treesitter.start then
      pcall(vim.treesitter.start, 0, "rush")
    end
  end,
})

-- Colours without a parser: by the look of the words. From Neovim 0.9 on the server's come on top.
local colours = [[
  syntax keyword rushKeyword extends if then else for in as check and or not
  syntax match rushKeyword "^\(workspace\|use\|let\|param\|fn\|type\|task\|template\|service\|secret\|profile\|check\)\>"
  syntax match rushKeyword "^\s\+let\>"
  syntax keyword rushConstant true false none
  syntax match rushField "\<\h\w*\ze\s*:"
  syntax match rushNumber "\<\d[0-9_.]*\(ms\|[dhms]\|[KMGT]\?i\?B\)\?\>"
  syntax region rushText start=+"+ skip=+\\.+ end=+"+ oneline contains=rushHole
  syntax region rushText start=+`+ skip=+\\.+ end=+`+ oneline contains=rushHole
  syntax region rushText start=+"""+ end=+"""+ contains=rushHole
  syntax region rushHole matchgroup=Special start=+\${+ end=+}+ contained oneline contains=TOP
  syntax match rushComment "//.*" contains=@Spell
  highlight default link rushKeyword Keyword
  highlight default link rushConstant Constant
  highlight default link rushField Identifier
  highlight default link rushNumber Number
  highlight default link rushText String
  highlight default link rushComment Comment
  highlight default link LspCodeLens Comment
  highlight default link LspCodeLensSeparator Comment
]]
vim.api.nvim_create_autocmd("Syntax", {
  group = group,
  pattern = "rush",
  callback = function()
    vim.cmd(colours)
  end,
})

-- Where lines are completed, Neovim puts them into one, with NULs between: here they become lines, and
-- the cursor goes where something is to be written.
vim.api.nvim_create_autocmd("CompleteDone", {
  group = group,
  pattern = "*.rush",
  callback = function()
    local line = vim.api.nvim_get_current_line()
    local lines = vim.split(line, "%z")
    if #lines == 1 then
      return
    end
    local row = vim.api.nvim_win_get_cursor(0)[1]
    local target = #lines
    for at = #lines, 2, -1 do
      target = vim.trim(lines[at]) == "" and at or target
    end
    vim.api.nvim_buf_set_lines(0, row - 1, row, false, lines)
    vim.api.nvim_win_set_cursor(0, { row + target - 1, #lines[target] })
  end,
})

-- How long an answer of the server is waited for, in milliseconds.
local patience = 5000

-- The server that knows a buffer.
local function server_of(buffer)
  for _, client in pairs((vim.lsp.get_clients or vim.lsp.get_active_clients)()) do
    if client.name == "rush" and vim.lsp.buf_is_attached(buffer, client.id) then
      return client
    end
  end
end

-- Asks for the lenses of a buffer, and shows them.
local function show_lenses(client, buffer)
  local shown = { textDocument = { uri = vim.uri_from_bufnr(buffer) } }
  local function on_answer(problem, lenses, context)
    -- A text that has changed meanwhile is asked about by that change.
    if not problem and vim.api.nvim_buf_is_loaded(buffer) then
      vim.lsp.codelens.on_codelens(nil, lenses or {}, context)
    end
  end
  if vim.fn.has("nvim-0.11") == 1 then
    client:request("textDocument/codeLens", shown, on_answer, buffer)
  else
    client.request("textDocument/codeLens", shown, on_answer, buffer)
  end
end

-- At each task stands how it ran last and what can be done with it: `:lua vim.lsp.codelens.run()` does it.
-- `vim.g.rush_lenses = false` leaves that away.
local function follow_lenses(client, buffer)
  if vim.g.rush_lenses == false then
    return
  end
  if vim.lsp.codelens.enable then
    vim.lsp.codelens.enable(true, { bufnr = buffer })
    return
  end
  show_lenses(client, buffer)
  vim.api.nvim_clear_autocmds({ group = group, buffer = buffer, event = { "TextChanged", "InsertLeave" } })
  vim.api.nvim_create_autocmd({ "TextChanged", "InsertLeave" }, {
    group = group,
    buffer = buffer,
    callback = function()
      local current = server_of(buffer)
      if current then
        show_lenses(current, buffer)
      end
    end,
  })
end

-- What is set up once the server knows a buffer.
local function on_attach(client, buffer)
  follow_lenses(client, buffer)
  if vim.lsp.completion and vim.lsp.completion.enable then
    -- What is completed may have places to fill in.
    vim.lsp.completion.enable(true, client.id, buffer)
  end
end

-- What the server says to a request; nil if it says nothing, or can't.
local function ask_server(client, method, params, buffer)
  local answer
  if vim.fn.has("nvim-0.11") == 1 then
    answer = client:request_sync(method, params, patience, buffer)
  else
    answer = client.request_sync(method, params, patience, buffer)
  end
  local result = answer and answer.result
  return result ~= vim.NIL and result or nil
end

-- The task the cursor is in: `{ label, directory, arguments }`, as the server knows it.
local function task_at_cursor()
  local buffer = vim.api.nvim_get_current_buf()
  local client = server_of(buffer)
  if client then
    local place = vim.lsp.util.make_position_params(0, client.offset_encoding)
    return ask_server(client, "rush/taskAt", place, buffer)
  end
end

-- Where labels that are typed begin: at the task file that is shown, else where Neovim is.
local function folder_of_buffer()
  local folder = vim.fn.expand("%:p:h")
  local is_file = vim.bo.filetype == "rush" and vim.bo.buftype == ""
  return is_file and vim.fn.isdirectory(folder) == 1 and folder or vim.fn.getcwd()
end

-- The task files that are shown otherwise than they are on the disk.
local function unsaved_task_files()
  return vim.tbl_filter(function(buffer)
    local its = vim.bo[buffer]
    local is_file = its.buftype == "" and vim.api.nvim_buf_get_name(buffer) ~= ""
    return its.filetype == "rush" and its.modified and is_file
  end, vim.api.nvim_list_bufs())
end

-- A run reads the disk: what is on the screen is written first, or nothing runs. Says which it is.
local function save_task_files()
  for _, buffer in ipairs(unsaved_task_files()) do
    local _, problem = pcall(vim.api.nvim_buf_call, buffer, function()
      vim.cmd("silent update")
    end)
    if vim.bo[buffer].modified then
      local name = vim.fn.fnamemodify(vim.api.nvim_buf_get_name(buffer), ":~:.")
      local reason = (problem or ""):match("E%d+: [^\n]*") or "see `:messages`"
      local message = "nothing was run, for `%s` could not be saved: %s"
      vim.notify(message:format(name, reason), vim.log.levels.ERROR)
      return false
    end
  end
  return true
end

-- Runs Rush in a terminal below, so that tasks may ask and Ctrl-C reaches them.
local function in_terminal(words, folder)
  vim.cmd("botright 15split")
  vim.cmd("enew")
  if vim.fn.has("nvim-0.11") == 1 then
    vim.fn.jobstart(words, { cwd = folder, term = true })
  else
    vim.fn.termopen(words, { cwd = folder })
  end
  vim.cmd("startinsert")
end

-- Lets a person fill in what a task must be given, then runs it.
local function ask_and_run(words, task)
  local call = task.arguments and task.label .. "(" .. task.arguments .. ")" or task.label
  vim.ui.input({ prompt = "rush run ", default = call }, function(typed)
    typed = vim.trim(typed or "")
    if typed ~= "" then
      -- A call is one word, whatever blanks it has.
      local rest = typed:find("(", 1, true) and { typed } or vim.split(typed, "%s+")
      in_terminal(vim.list_extend(words, rest), task.directory)
    end
  end)
end

-- Runs a task as it is on the screen; what it can't do without is asked for.
local function run(words, task)
  if not save_task_files() then
    return
  end
  if task.arguments then
    ask_and_run(words, task)
  else
    in_terminal(vim.list_extend(words, { task.label }), task.directory)
  end
end

vim.api.nvim_create_user_command("RushRun", function(given)
  -- Before the task is looked for: a new file has none until it is on the disk.
  if not save_task_files() then
    return
  end
  if #given.fargs > 0 then
    in_terminal(vim.list_extend({ rush, "run" }, given.fargs), folder_of_buffer())
    return
  end
  local task = task_at_cursor()
  if task then
    run({ rush, "run" }, task)
  else
    local message = "there is no task to run under the cursor; name one: :RushRun TASK"
    vim.notify(message, vim.log.levels.WARN)
  end
end, {
  nargs = "*",
  desc = "Run a Rush task: the one named, or the one under the cursor",
  complete = function(lead)
    local words = { rush, "-C", folder_of_buffer(), "list", "-o", "names" }
    local names = vim.fn.systemlist(words)
    if vim.v.shell_error ~= 0 then
      return {}
    end
    -- What is said of mistakes comes with the names.
    return vim.tbl_filter(function(name)
      return vim.startswith(name, lead) and not name:find(" ", 1, true)
    end, names)
  end,
})

-- What the code lenses above a task do. Each comes with `{ label, directory }`, and `arguments`,
-- which is what the brackets of a call must hold, or the name of a `run`.
vim.lsp.commands["rush.run"] = function(lens)
  run({ rush, "run" }, lens.arguments[1])
end
vim.lsp.commands["rush.dryRun"] = function(lens)
  run({ rush, "run", "--dry-run" }, lens.arguments[1])
end
vim.lsp.commands["rush.runWithArguments"] = function(lens)
  if save_task_files() then
    ask_and_run({ rush, "run" }, lens.arguments[1])
  end
end
vim.lsp.commands["rush.showRun"] = function(lens)
  local shown = lens.arguments[1]
  in_terminal({ rush, "runs", "show", shown.run }, shown.directory)
end

-- What code actions end with when they have made up a name. The buffer is shown and not read again:
-- it holds a change that nobody has saved.
vim.lsp.commands["rush.action.rename"] = function(command, context)
  local named = command.arguments[1]
  local client = vim.lsp.get_client_by_id(context.client_id)
  local place = { uri = named.uri, range = { start = named.position, ["end"] = named.position } }
  local show = vim.lsp.util.show_document or vim.lsp.util.jump_to_location
  show(place, client and client.offset_encoding or "utf-16")
  vim.lsp.buf.rename()
end
local options = { commands = { "rush.action.rename" } }

-- The prelude, where the kinds and their fields are declared, is a document of the server.
vim.api.nvim_create_autocmd("BufReadCmd", {
  group = group,
  -- Only a pattern with a `/` is compared with more than the last part of a name.
  pattern = "rush-prelude:/*",
  callback = function(event)
    local buffer = event.buf or vim.api.nvim_get_current_buf()
    -- Neovim 0.7 puts the folder it is in before the name.
    local uri = vim.api.nvim_buf_get_name(buffer):match("rush%-prelude:.*")
    for _, client in pairs((vim.lsp.get_clients or vim.lsp.get_active_clients)()) do
      if client.name == "rush" then
        local page = ask_server(client, "rush/preludeText", { uri = uri }, buffer)
        local text = page and page.text or ""
        vim.api.nvim_buf_set_lines(buffer, 0, -1, false, vim.split(text, "\n"))
      end
    end
    vim.opt_local.modified = false
    vim.opt_local.modifiable = false
    vim.opt_local.buftype = "nofile"
    vim.opt_local.filetype = "rush"
  end,
})

-- The server says when something ran, wherever it was started, and when settings changed.
local capabilities = vim.lsp.protocol.make_client_capabilities()
local handlers = {}
if not vim.lsp.codelens.enable then
  capabilities.workspace.codeLens = { refreshSupport = true }
  handlers["workspace/codeLens/refresh"] = function(_, _, context)
    local client = vim.lsp.get_client_by_id(context.client_id)
    for _, buffer in ipairs(client and vim.api.nvim_list_bufs() or {}) do
      local is_ours = vim.api.nvim_buf_is_loaded(buffer) and vim.lsp.buf_is_attached(buffer, client.id)
      if is_ours and vim.g.rush_lenses ~= false then
        show_lenses(client, buffer)
      end
    end
    return vim.NIL
  end
end

if vim.fn.has("nvim-0.11") == 1 then
  vim.lsp.config("rush", {
    cmd = command,
    filetypes = { "rush" },
    root_markers = { ".git" },
    init_options = options,
    capabilities = capabilities,
    handlers = handlers,
    on_attach = on_attach,
  })
  vim.lsp.enable("rush")
else
  -- One server for all buffers: it finds the workspace of each file itself.
  local client
  vim.api.nvim_create_autocmd("FileType", {
    group = group,
    pattern = "rush",
    callback = function(event)
      local buffer = event.buf or vim.api.nvim_get_current_buf()
      if vim.api.nvim_buf_get_name(buffer):find("rush-prelude:", 1, true) then
        return
      end
      if not (client and vim.lsp.get_client_by_id(client)) then
        client = vim.lsp.start_client({
          name = "rush",
          cmd = command,
          init_options = options,
          on_attach = on_attach,
          root_dir = vim.fn.getcwd(),
          capabilities = capabilities,
          handlers = handlers,
        })
      end
      if client then
        -- `event.buf` came with Neovim 0.8.
        vim.lsp.buf_attach_client(buffer, client)
      end
    end,
  })
end
