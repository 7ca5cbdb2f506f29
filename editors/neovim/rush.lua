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

vim.api.nvim_create_autocmd("FileType", {
  group = group,
  pattern = "rush",
  callback = function()
    vim.opt_local.commentstring = "// %s"
    vim.opt_local.comments = ":///,://!,://"
    vim.opt_local.expandtab = true
    vim.opt_local.shiftwidth = 2
    vim.opt_local.omnifunc = "v:lua.vim.lsp.omnifunc"
    -- Colours, when a parser for Rush is installed.
    if vim.treesitter and vim.treesitter.start then
      pcall(vim.treesitter.start, 0, "rush")
    end
  end,
})

-- Runs Rush in a terminal below, so that tasks may ask and Ctrl-C reaches them.
local function in_terminal(words, folder)
  vim.cmd("botright 15split")
  vim.cmd("enew")
  vim.fn.termopen(words, { cwd = folder or vim.fn.getcwd() })
  vim.cmd("startinsert")
end

-- The task whose declaration the cursor is in.
local function task_at_cursor()
  local line = vim.api.nvim_win_get_cursor(0)[1]
  for at = line, 1, -1 do
    local text = vim.fn.getline(at)
    local name = text:match("^task%s+([%w_]+)")
    if name then
      return name
    end
    if at < line and text:match("^[%w}]") then
      return nil
    end
  end
end

vim.api.nvim_create_user_command("RushRun", function(given)
  local words = { rush, "run" }
  vim.list_extend(words, given.fargs)
  if #given.fargs == 0 then
    local task = task_at_cursor()
    if not task then
      vim.notify("there is no task under the cursor; name one: :RushRun TASK", vim.log.levels.WARN)
      return
    end
    table.insert(words, task)
  end
  in_terminal(words)
end, {
  nargs = "*",
  desc = "Run a Rush task: the one named, or the one under the cursor",
  complete = function(lead)
    local names = vim.fn.systemlist({ rush, "list", "-o", "names" })
    if vim.v.shell_error ~= 0 then
      return {}
    end
    return vim.tbl_filter(function(name)
      return vim.startswith(name, lead)
    end, names)
  end,
})

-- What the code lenses above a task do. Each comes with `{ label, uri, arguments }`: the folder of
-- the file says which workspace is meant, `arguments` is what the brackets of a call must hold.
local function folder_of(lens)
  local uri = lens.arguments[1].uri
  return vim.startswith(uri, "file:") and vim.fn.fnamemodify(vim.uri_to_fname(uri), ":h") or nil
end
local function ask_and_run(lens, words)
  local given = lens.arguments[1]
  local call = given.arguments and given.label .. "(" .. given.arguments .. ")" or given.label
  vim.ui.input({ prompt = "rush run ", default = call }, function(typed)
    typed = vim.trim(typed or "")
    if typed ~= "" then
      -- A call is one word, whatever blanks it has.
      local rest = typed:find("(", 1, true) and { typed } or vim.split(typed, "%s+")
      in_terminal(vim.list_extend(words, rest), folder_of(lens))
    end
  end)
end
vim.lsp.commands["rush.run"] = function(lens)
  in_terminal({ rush, "run", lens.arguments[1].label }, folder_of(lens))
end
vim.lsp.commands["rush.dryRun"] = function(lens)
  local words = { rush, "run", "--dry-run" }
  if lens.arguments[1].arguments then
    ask_and_run(lens, words)
  else
    in_terminal(vim.list_extend(words, { lens.arguments[1].label }), folder_of(lens))
  end
end
vim.lsp.commands["rush.runWithArguments"] = function(lens)
  ask_and_run(lens, { rush, "run" })
end
vim.lsp.commands["rush.showRun"] = function(lens)
  in_terminal({ rush, "runs", "show", lens.arguments[1].run }, folder_of(lens))
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
  pattern = "rush-prelude:*",
  callback = function(event)
    local buffer = event.buf or vim.api.nvim_get_current_buf()
    local uri = vim.api.nvim_buf_get_name(buffer)
    for _, client in pairs((vim.lsp.get_clients or vim.lsp.get_active_clients)()) do
      if client.name == "rush" then
        local answer = client.request_sync("rush/preludeText", { uri = uri }, 5000, buffer)
        local text = answer and answer.result and answer.result.text or ""
        vim.api.nvim_buf_set_lines(buffer, 0, -1, false, vim.split(text, "\n"))
      end
    end
    vim.opt_local.modified = false
    vim.opt_local.modifiable = false
    vim.opt_local.buftype = "nofile"
    vim.opt_local.filetype = "rush"
  end,
})

if vim.fn.has("nvim-0.11") == 1 then
  vim.lsp.config("rush", {
    cmd = command,
    filetypes = { "rush" },
    root_markers = { ".git" },
    init_options = options,
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
      if vim.startswith(vim.api.nvim_buf_get_name(buffer), "rush-prelude:") then
        return
      end
      if not (client and vim.lsp.get_client_by_id(client)) then
        client = vim.lsp.start_client({
          name = "rush",
          cmd = command,
          init_options = options,
          root_dir = vim.fn.getcwd(),
          capabilities = vim.lsp.protocol.make_client_capabilities(),
        })
      end
      if client then
        -- `event.buf` came with Neovim 0.8.
        vim.lsp.buf_attach_client(buffer, client)
      end
    end,
  })
end
