-- Rush in Neovim: problems while you type, and formatting. Works from Neovim 0.7 on.
--
-- Put this file into your configuration, for example as `plugin/rush.lua`, or paste it into
-- `init.lua`. If `rush` is not on your PATH, say where it is before: `vim.g.rush_command = "..."`.

local command = { vim.g.rush_command or "rush", "lsp" }
local group = vim.api.nvim_create_augroup("rush", { clear = true })

vim.api.nvim_create_autocmd({ "BufRead", "BufNewFile" }, {
  group = group,
  pattern = "*.rush",
  callback = function()
    vim.opt_local.filetype = "rush"
  end,
})

vim.api.nvim_create_autocmd("FileType", {
  group = group,
  pattern = "rush",
  callback = function()
    vim.opt_local.commentstring = "// %s"
    vim.opt_local.expandtab = true
    vim.opt_local.shiftwidth = 2
  end,
})

if vim.fn.has("nvim-0.11") == 1 then
  vim.lsp.config("rush", { cmd = command, filetypes = { "rush" }, root_markers = { ".git" } })
  vim.lsp.enable("rush")
else
  -- One server for all buffers: it finds the workspace of each file itself.
  local client
  vim.api.nvim_create_autocmd("FileType", {
    group = group,
    pattern = "rush",
    callback = function(event)
      if not (client and vim.lsp.get_client_by_id(client)) then
        client = vim.lsp.start_client({
          name = "rush",
          cmd = command,
          root_dir = vim.fn.getcwd(),
          capabilities = vim.lsp.protocol.make_client_capabilities(),
        })
      end
      if client then
        -- `event.buf` came with Neovim 0.8.
        vim.lsp.buf_attach_client(event.buf or vim.api.nvim_get_current_buf(), client)
      end
    end,
  })
end
