-- Runs inside Neovim: a user's configuration, and ears for what reaches the user.
-- The first argument is the table that harness.py makes.
local given = ...

local heard = { applied = {}, decided = {}, progress = {} }
_G.heard = heard

vim.api.nvim_create_autocmd("LspProgress", {
  callback = function(event)
    table.insert(heard.progress, event.data.params.value)
  end,
})

if given.cmd then -- else the user's own init.lua has it all
  local capabilities = vim.lsp.protocol.make_client_capabilities()
  if given.encoding then
    capabilities.general.positionEncodings = { given.encoding }
  end

  vim.lsp.config("fastapply", {
    cmd = given.cmd,
    cmd_env = given.env,
    root_markers = { ".git" },
    capabilities = capabilities,
    init_options = given.settings,
    flags = given.debounce_ms and { debounce_text_changes = given.debounce_ms } or nil,
  })
  vim.lsp.enable("fastapply")
end

local handlers = {}
for _, name in ipairs({ "applied", "decided" }) do
  local method = "fastapply/" .. name
  local own = (vim.lsp.config.fastapply.handlers or {})[method]
  handlers[method] = function(problem, params, context)
    table.insert(heard[name], params)
    if own then
      own(problem, params, context)
    end
  end
end
vim.lsp.config("fastapply", { handlers = handlers })

_G.harness = {}

function harness.client()
  return vim.lsp.get_clients({ name = "fastapply" })[1]
end

function harness.attached(buffer)
  local client = harness.client()
  return client ~= nil and client.initialized == true and client.attached_buffers[buffer] == true
end

-- Ask, and resolve what came without a command, as the menu of `vim.lsp.buf.code_action` does.
function harness.actions(first, last)
  local params = vim.lsp.util.make_given_range_params(
    { first, 0 }, { last, 0 }, 0, harness.client().offset_encoding
  )
  params.context = { diagnostics = {}, triggerKind = 1 }
  local answer = harness.client():request_sync("textDocument/codeAction", params, 20000, 0)
  assert(answer and not answer.err, vim.inspect(answer))
  return answer.result or {}
end

function harness.act(title, first, last)
  vim.lsp.buf.code_action({
    apply = true,
    filter = function(action)
      return action.title == title
    end,
    range = first and { start = { first, 0 }, ["end"] = { last, 0 } } or nil,
  })
end

function harness.lenses()
  local params = { textDocument = vim.lsp.util.make_text_document_params(0) }
  local answer = harness.client():request_sync("textDocument/codeLens", params, 20000, 0)
  assert(answer and not answer.err, vim.inspect(answer))
  return answer.result or {}
end

function harness.execute(command, arguments)
  local params = { command = command, arguments = arguments }
  local answer = harness.client():request_sync("workspace/executeCommand", params, 20000, 0)
  assert(answer and not answer.err, vim.inspect(answer))
  return answer.result
end

-- Put the cursor on a lens and run it, as `:lua vim.lsp.codelens.run()` does. Where a line has
-- several, Neovim asks which; the answer is the one with this command.
function harness.refresh_lenses()
  vim.lsp.codelens.refresh({ bufnr = 0 })
end

function harness.run_lens(command, line)
  for _, lens in ipairs(vim.lsp.codelens.get(0)) do
    local here = line == nil or lens.range.start.line == line - 1
    if lens.command and lens.command.command == command and here then
      vim.api.nvim_win_set_cursor(0, { lens.range.start.line + 1, 0 })
      vim.ui.select = function(options, _, choose)
        for _, option in ipairs(options) do
          if option.lens.command.command == command then
            return choose(option)
          end
        end
      end
      vim.lsp.codelens.run()
      return true
    end
  end
  return false
end
