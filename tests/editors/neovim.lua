-- Test script that runs in Neovim with the documented module and writes its observations as JSON to $SEEN.

local DEADLINE_MS = 120000 -- limit for one condition, generous because the machine may be busy
local seen = { version = vim.fn.matchstr(vim.fn.execute('version'), 'NVIM v\\zs[0-9.]*'), progress = {}, messages = {}, past = {} }

local function finish(status)
  local file = assert(io.open(vim.env.SEEN, 'w'))
  file:write(vim.fn.json_encode(seen))
  file:close()
  vim.cmd(status == 0 and 'qall!' or status .. 'cquit!')
end

local function wait_for(what, condition)
  if not vim.wait(DEADLINE_MS, condition, 20) then
    error('timed out waiting for ' .. what)
  end
end

local function answer_of(method, params)
  local answers = vim.lsp.buf_request_sync(0, method, params, DEADLINE_MS)
  for _, answer in pairs(assert(answers, method .. ' was not answered')) do
    return answer.result
  end
end

local function place()
  return { textDocument = { uri = vim.uri_from_bufnr(0) }, position = { line = 13, character = 4 } }
end

local function watch_progress()
  local default = vim.lsp.handlers['$/progress']
  vim.lsp.handlers['$/progress'] = function(failure, result, ...)
    table.insert(seen.progress, result.value)
    return default(failure, result, ...)
  end
  vim.notify = function(message)
    table.insert(seen.messages, message)
  end
end

local function run()
  watch_progress()
  local codekin = dofile(vim.env.MODULE)
  codekin.setup({ cmd = { vim.env.PYTHON, '-m', 'codekin', 'serve' } })
  vim.cmd('edit api/parcelpost/carriers.py')

  wait_for('the index', function()
    return codekin.status and codekin.status.state == 'ready' and codekin.status.commits == 2
  end)
  wait_for('the end of the progress', function()
    local newest = seen.progress[#seen.progress]
    return newest and newest.kind == 'end'
  end)
  seen.statusline = codekin.statusline()
  seen.capabilities = vim.lsp.get_client_by_id(1).server_capabilities
  wait_for('the attached buffer', function()
    return vim.lsp.buf_is_attached(0, 1)
  end)

  seen.hover = answer_of('textDocument/hover', place())
  vim.lsp.buf.hover()
  wait_for('the hover window', function()
    return #vim.api.nvim_list_wins() > 1
  end)
  vim.cmd('only!')
  seen.symbols = answer_of('workspace/symbol', { query = 'call_with_retry' })
  vim.lsp.buf.workspace_symbol('call_with_retry')
  wait_for('symbols in the quickfix list', function()
    return #vim.fn.getqflist() > 0
  end)

  local picked
  vim.ui.select = function(items, options, choose)
    picked = vim.tbl_map(options.format_item, items)
    choose(items[1])
  end
  vim.cmd('edit README.md')
  vim.cmd('CodekinSearch where is the retry logic?')
  wait_for('the picker', function()
    return picked
  end)
  seen.picked = picked
  seen.jumped = { vim.fn.expand('%:.'), vim.api.nvim_win_get_cursor(0)[1] }
  seen.quickfix = vim.fn.getqflist({ title = 1, size = 1 })
  seen.under_cursor = vim.fn.expand('<cword>')

  picked = nil
  vim.cmd('CodekinSearch def call_with_retry(request mode:literal')
  wait_for('the picker of a literal', function()
    return picked
  end)
  seen.literal = picked
  picked = nil
  vim.cmd('CodekinSearch qzxqwv jjkkzz')
  wait_for('weak matches', function()
    return picked or #seen.messages > 0
  end)
  seen.weak = picked and vim.fn.getqflist({ title = 1 }).title or table.remove(seen.messages)

  vim.cmd('CodekinSearch! token bucket')
  wait_for('the quickfix window', function()
    return vim.bo.buftype == 'quickfix'
  end)
  seen.in_quickfix = vim.api.nvim_buf_get_lines(0, 0, 1, false)[1]
  vim.cmd('cfirst')
  seen.first = { vim.fn.expand('%:.'), vim.api.nvim_win_get_cursor(0)[1] }
  vim.cmd('cclose')

  for _, query in ipairs({ 'kind:pr', 'parcel kind:commit', 'webhooks kind:directory', 'retry lang:python at:HEAD' }) do
    picked = nil
    vim.cmd('CodekinSearch ' .. query)
    wait_for('the picker of ' .. query, function()
      return picked
    end)
    local lines = vim.api.nvim_buf_get_lines(0, 0, -1, false)
    local at = vim.api.nvim_win_get_cursor(0)[1]
    seen.past[query] = { picked = picked[1], text = table.concat(lines, '\n'), line = lines[at], type = vim.bo.filetype }
  end
  vim.cmd('CodekinSearch! kind:pr')
  wait_for('commits in the quickfix window', function()
    return vim.bo.buftype == 'quickfix'
  end)
  seen.commit_in_quickfix = vim.api.nvim_buf_get_lines(0, 0, 1, false)[1]
  vim.cmd('cclose')

  picked = nil
  vim.cmd('edit api/parcelpost/carriers.py')
  vim.cmd('11,20CodekinRelated')
  wait_for('related code', function()
    return picked
  end)
  seen.related = picked

  vim.cmd('edit api/parcelpost/carriers.py')
  vim.api.nvim_buf_set_lines(0, -1, -1, false, { 'def moor_the_zeppelin():', '    return "mast"' })
  local found
  for _ = 1, DEADLINE_MS / 100 do
    vim.wait(100, function() end) -- lets Neovim send the typed text
    found = answer_of('codekin/search', { query = 'moor_the_zeppelin', limit = 1 })
    if found.results[1] and found.results[1].snippet:find('moor_the_zeppelin') then
      break
    end
  end
  seen.typed = { found.results[1].path, found.results[1].snippet:find('moor_the_zeppelin') ~= nil }
end

vim.schedule(function()
  local good, failure = xpcall(run, debug.traceback)
  seen.failure = not good and failure or nil
  finish(good and 0 or 1)
end)
