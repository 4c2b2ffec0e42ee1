-- codekin in Neovim 0.7 and newer: save as lua/codekin.lua in your configuration, then require('codekin').setup().
-- Hover, workspace symbols and code actions are Neovim's own; this adds the search and the related code.

local M = { status = nil }

local settings = {
  cmd = { 'codekin', 'serve' },
  -- Settings for the server, in camelCase: see docs/reference/settings.md.
  init_options = vim.empty_dict(),
  limit = 50,
  -- The folder that a file's index is of.
  root = function(path)
    local start = vim.fn.fnamemodify(path, ':h')
    local git = vim.fn.finddir('.git', start .. ';')
    if git == '' then
      git = vim.fn.findfile('.git', start .. ';') -- a worktree's
    end
    return git == '' and vim.fn.getcwd() or vim.fn.fnamemodify(git, ':p:s?/$??:h')
  end,
}

local clients = {} -- root -> client id
local waiting = {} -- client id -> what to do once it is initialized
-- Commits, and files as of another revision: the server's URIs, and the names of the buffers that show them.
local PAST, PAST_BUFFER = 'codekin-commit:/', 'codekin://'
local DEADLINE_MS = 10000

local function warn(text)
  vim.notify('codekin: ' .. text, vim.log.levels.WARN)
end

local function forget(_, _, id)
  vim.schedule(function()
    for root, known in pairs(clients) do
      if known == id then
        clients[root] = nil
      end
    end
    waiting[id] = nil
  end)
end

local function initialized(client)
  local works = waiting[client.id] or {}
  waiting[client.id] = nil
  for _, work in ipairs(works) do
    vim.schedule(function()
      work(client)
    end)
  end
end

local function launch(root)
  local config = {
    name = 'codekin',
    cmd = settings.cmd,
    root_dir = root,
    workspace_folders = { { uri = vim.uri_from_fname(root), name = root } },
    init_options = settings.init_options,
    on_init = initialized,
    on_exit = forget,
    handlers = {
      ['codekin/statusChanged'] = function(_, status)
        M.status = status
      end,
    },
  }
  if vim.fn.has('nvim-0.11') == 1 then
    return vim.lsp.start(config, { attach = false })
  end
  return vim.lsp.start_client(config)
end

-- Calls work(client) once the server of this root answers; starts it when there is none.
local function with_client(root, work)
  local id = clients[root] or launch(root)
  if not id then
    return warn('cannot start ' .. table.concat(settings.cmd, ' '))
  end
  clients[root] = id
  local client = vim.lsp.get_client_by_id(id)
  if client and client.initialized then
    return work(client)
  end
  waiting[id] = waiting[id] or {}
  table.insert(waiting[id], work)
end

local function request(client, method, params, answer)
  local function handler(failure, result)
    if failure then
      return warn(failure.message)
    end
    answer(result)
  end
  if vim.fn.has('nvim-0.11') == 1 then
    client:request(method, params, handler)
  else
    client.request(method, params, handler)
  end
end

local function jump(item)
  vim.cmd("normal! m'")
  vim.cmd('edit ' .. vim.fn.fnameescape(item.filename))
  vim.api.nvim_win_set_cursor(0, { math.min(item.lnum, vim.api.nvim_buf_line_count(0)), item.col - 1 })
end

local function short(hash)
  return hash:sub(1, 7)
end

-- Returns the title of a result that is not in a file on disk, else nil.
local function title_of(result)
  if result.pullRequest then
    return string.format('pull request #%d %s', result.pullRequest, short(result.commit))
  elseif result.commit then
    return 'commit ' .. short(result.commit)
  elseif result.revision then
    return string.format('%s at %s', result.path, short(result.revision))
  elseif result.kind == 'directory' or result.kind == 'file' then
    return result.path
  end
end

local function text_of(result)
  if result.commit then
    return string.format('%s (%s, %s)', result.symbol, result.author, result.date)
  end
  -- The line at which the result opens, or the first one with text.
  local lines = vim.split(result.snippet, '\r?\n')
  local at = result.focus and lines[result.focus.start.line - result.range.start.line + 1] or ''
  local line = vim.trim(at:match('%S') and at or result.snippet:match('[^\n]*%S[^\n]*') or '')
  return (result.symbol ~= '' and result.symbol .. ': ' or '') .. line
end

local function item_of(result)
  local past = vim.startswith(result.uri, PAST)
  local at = result.commit and { line = 0, character = 0 } or (result.focus or result.range).start
  local first = at.line + 1
  return {
    filename = past and PAST_BUFFER .. result.uri:sub(#PAST + 1) or vim.uri_to_fname(result.uri),
    module = title_of(result),
    lnum = first,
    end_lnum = math.max(first, result.commit and 1 or result.range['end'].line),
    col = at.character + 1,
    text = text_of(result),
    user_data = result,
  }
end

local function label(item)
  return string.format('%s  %s', item.module or item.user_data.path .. ':' .. item.lnum, item.text)
end

-- Of a buffer's name: the commit with the path in it, the folder searched, both as the server writes them, and its root here.
local function parse_past(name)
  local place, folder = name:match('^' .. PAST_BUFFER .. '(.-)%?(.*)$')
  local real = folder and vim.loop.fs_realpath(vim.uri_to_fname('file://' .. folder))
  for root in pairs(clients) do
    if real and vim.loop.fs_realpath(root) == real then
      return place, folder, root
    end
  end
end

local function request_sync(client, method, params)
  if vim.fn.has('nvim-0.11') == 1 then
    return client:request_sync(method, params, DEADLINE_MS, 0)
  end
  return client.request_sync(method, params, DEADLINE_MS, 0)
end

-- Fills a buffer that shows a commit's message and changes, or a file as it was.
local function read_past(buffer)
  local place, folder, root = parse_past(vim.api.nvim_buf_get_name(buffer))
  local client = root and vim.lsp.get_client_by_id(clients[root])
  if not client then
    return warn('no server knows this commit')
  end
  local answer, failure = request_sync(client, 'codekin/commit', { uri = PAST .. place .. '?' .. folder })
  if not answer or answer.err then
    return warn(answer and answer.err.message or failure)
  end
  local text, path = answer.result.text, place:match('/(.*)')
  vim.api.nvim_buf_set_lines(buffer, 0, -1, false, vim.split(text, '\n', { plain = true }))
  vim.cmd('setlocal buftype=nofile noswapfile nomodifiable readonly nomodified')
  vim.cmd(path and 'silent! doautocmd filetypedetect BufRead ' .. vim.fn.fnameescape(path) or 'setfiletype git')
end

-- Everything goes into the quickfix list; unless its window is asked for, a picker is shown too.
local function show(title, answer, in_quickfix)
  local coverage = answer.coverage
  if not coverage.complete then
    title = string.format('%s (%d of %d files so far)', title, coverage.indexed, coverage.total)
  end
  -- Weak matches, filters that were not understood, and what the server suggests instead.
  if #answer.reasons > 0 then
    title = title .. ': ' .. table.concat(answer.reasons, ' ')
  end
  if #answer.results == 0 then
    return warn('nothing found for ' .. title)
  end
  local items = vim.tbl_map(item_of, answer.results)
  vim.fn.setqflist({}, ' ', { title = 'codekin: ' .. title, items = items })
  if in_quickfix then
    return vim.cmd('botright copen')
  end
  vim.ui.select(items, { prompt = title, format_item = label, kind = 'codekin' }, function(item)
    if item then
      jump(item)
    end
  end)
end

local function current_root()
  local name = vim.api.nvim_buf_get_name(0)
  local _, _, root = parse_past(name)
  return root or settings.root((name == '' or name:match('^%a+://')) and vim.fn.getcwd() .. '/.' or name)
end

-- options: quickfix (open its window in place of the picker), filters, mode.
function M.search(query, options)
  options = options or {}
  with_client(current_root(), function(client)
    local params = { query = query, limit = settings.limit, mode = options.mode, filters = options.filters }
    request(client, 'codekin/search', params, function(answer)
      show(query, answer, options.quickfix)
    end)
  end)
end

-- Code like the lines first to last (from 1) of this buffer's file.
function M.related(first, last, options)
  local uri, name = vim.uri_from_bufnr(0), vim.fn.expand('%:t')
  local range = { start = { line = first - 1, character = 0 }, ['end'] = { line = last, character = 0 } }
  with_client(current_root(), function(client)
    local params = { textDocument = { uri = uri }, range = range, limit = settings.limit }
    request(client, 'codekin/related', params, function(answer)
      show('related to ' .. name .. ':' .. first, answer, options and options.quickfix)
    end)
  end)
end

-- For the status line.
function M.statusline()
  local status = M.status
  if not status then
    return ''
  end
  local coverage = status.coverage
  if status.state == 'indexing' then
    return string.format('codekin %d/%d', coverage.indexed, coverage.total)
  end
  return 'codekin ' .. status.state
end

local function attach(buffer)
  local name = vim.api.nvim_buf_get_name(buffer)
  if name == '' or name:match('^%a+://') or vim.bo[buffer].buftype ~= '' then
    return
  end
  with_client(settings.root(name), function(client)
    if vim.api.nvim_buf_is_loaded(buffer) then
      vim.lsp.buf_attach_client(buffer, client.id)
    end
  end)
end

function M.setup(options)
  settings = vim.tbl_extend('force', settings, options or {})
  local group = vim.api.nvim_create_augroup('codekin', {})
  vim.api.nvim_create_autocmd({ 'BufReadPost', 'BufNewFile' }, {
    group = group,
    callback = function(event)
      attach(event.buf)
    end,
  })
  vim.api.nvim_create_autocmd('BufReadCmd', {
    group = group,
    pattern = PAST_BUFFER .. '*',
    callback = function(event)
      read_past(event.buf)
    end,
  })
  vim.api.nvim_create_user_command('CodekinSearch', function(command)
    if command.args ~= '' then
      return M.search(command.args, { quickfix = command.bang })
    end
    vim.ui.input({ prompt = 'Search code: ' }, function(query)
      if query and query ~= '' then
        M.search(query, { quickfix = command.bang })
      end
    end)
  end, { nargs = '*', bang = true, desc = 'Search code; with ! into the quickfix window' })
  vim.api.nvim_create_user_command('CodekinRelated', function(command)
    M.related(command.line1, command.line2, { quickfix = command.bang })
  end, { range = true, bang = true, desc = 'Find code like this line or selection' })
end

return M
