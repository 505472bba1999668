import { expect, test } from 'vitest'
import { classifyTool } from './classify.ts'
import { hasEffect, type ToolClass, toolClasses, unknownToolClass } from './tool-class.ts'

const known: readonly [string, string, ToolClass][] = [
  ['read_file', 'Read a file', 'read-only'],
  ['searchCode', 'Search the code base', 'read-only'],
  ['mcp__filesystem__list_directory', 'List a directory', 'read-only'],
  ['get_weather', 'Current weather for a city', 'network-read'],
  ['webSearch', 'Search the web', 'network-read'],
  ['write_file', 'Write a file', 'file-write'],
  ['apply-patch', 'Apply a patch to files', 'file-write'],
  ['deleteFile', 'Delete a file', 'file-destructive'],
  ['update_record', 'Update a record', 'db-write'],
  ['drop_table', 'Drop a table', 'db-destructive'],
  ['execute_sql', 'Execute any SQL statement', 'db-destructive'],
  ['run_query', 'Run a read-only SQL query', 'read-only'],
  ['upload_file', 'Upload a file', 'network-write'],
  ['createPullRequest', 'Open a pull request', 'network-write'],
  ['http_request', 'Make an HTTP request', 'network-write'],
  ['send_email', 'Send an email', 'communication'],
  ['SlackPostMessage', 'Post to a channel', 'communication'],
  ['get_secret', 'Read a secret from the vault', 'credential'],
  ['rotate_api_key', 'Rotate a key', 'credential'],
  ['create_user', 'Create a user account', 'identity-admin'],
  ['grantRole', 'Grant a role', 'identity-admin'],
  ['list_users', 'List users', 'read-only'],
  ['restart_server', 'Restart a server', 'infra-destructive'],
  ['unlock_door', 'Open the front door', 'infra-destructive'],
  ['refund_order', 'Refund an order', 'payment'],
  ['transferFunds', 'Transfer money', 'payment'],
  ['get_balance', 'Account balance', 'read-only'],
  ['bash', 'Run a command', 'exec'],
  ['run_python', 'Run python code', 'exec'],
]

test.each(known)('%s (%s) is %s', (name, description, toolClass) => {
  expect(classifyTool({ name, description })).toEqual({ toolClass, from: 'recognised' })
})

test.each([
  ['x1', ''],
  ['helper', 'Does useful things'],
  ['foo', 'bar'],
  ['', ''],
])('%j, which says nothing, counts as the most dangerous', (name, description) => {
  expect(classifyTool({ name, description })).toEqual({
    toolClass: unknownToolClass,
    from: 'unknown',
  })
})

test('a declaration is believed', () => {
  expect(classifyTool({ name: 'bash', toolClass: 'read-only' })).toEqual({
    toolClass: 'read-only',
    from: 'declared',
  })
})

test('a tool for many actions is as dangerous as the worst of them', () => {
  const parameters = { type: 'object', properties: { action: { enum: ['list', 'add', 'delete'] } } }
  expect(classifyTool({ name: 'notes', description: 'Manage notes', parameters }).toolClass).toBe(
    'db-destructive',
  )
  expect(
    classifyTool({ name: 'files', description: 'Generic file tool', parameters }).toolClass,
  ).toBe('file-destructive')
})

test('names are read alike in every way of writing them', () => {
  for (const name of [
    'delete_file',
    'deleteFile',
    'DeleteFile',
    'delete-file',
    'files.delete',
    'fs__delete_file',
    'DELETE_FILE',
  ]) {
    expect(classifyTool({ name, description: '' }).toolClass, name).toBe('file-destructive')
  }
})

test('the order of classes holds each once, and only reading has no effect', () => {
  expect(new Set(toolClasses).size).toBe(13)
  expect(toolClasses.filter((one) => !hasEffect(one))).toEqual(['read-only', 'network-read'])
})

test.each([
  ['get_report', 'Executes a shell command', 'command', 'exec'],
  ['summary', 'Delete all files in a folder', 'path', 'file-destructive'],
  ['list_items', 'Transfer money to an account', 'amount', 'payment'],
  ['search_docs', 'Run a search over the documents', 'query', 'read-only'],
])('a name that reads hides nothing: %s (%s)', (name, description, parameter, toolClass) => {
  const parameters = { type: 'object', properties: { [parameter]: { type: 'string' } } }
  expect(classifyTool({ name, description, parameters }).toolClass).toBe(toolClass)
})
