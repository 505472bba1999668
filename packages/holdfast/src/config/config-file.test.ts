import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { HoldfastError } from '@holdfast/core'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { checkedConfigFile } from './check.ts'
import { findConfigFile } from './find-config-file.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-config-'))
})
afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
  delete process.env['HOLDFAST_CONFIG']
})

const write = (name: string, text: string) => writeFileSync(join(folder, name), text)
const read = () => {
  const path = findConfigFile(folder)
  return path === undefined ? undefined : checkedConfigFile(path)
}
const failure = (): HoldfastError => {
  try {
    read()
  } catch (error) {
    if (HoldfastError.is(error)) return error
    throw error
  }
  throw new Error('the file was taken')
}

test('no file means no options', () => {
  expect(read()).toBeUndefined()
})

test('JSON may have comments and trailing commas', () => {
  write(
    'holdfast.config.json',
    '{\n  // politely\n  "reliability": { "retry": { "maxAttempts": 2 } },\n}',
  )
  expect(read()).toEqual({ reliability: { retry: { maxAttempts: 2 } } })
})

test('a module exports its options as default', () => {
  write('holdfast.config.mjs', 'export default { reliability: false }')
  expect(read()).toEqual({ reliability: false })
})

test('HOLDFAST_CONFIG names another file, and a missing one is said', () => {
  write('other.json', '{ "telemetry": false }')
  process.env['HOLDFAST_CONFIG'] = 'other.json'
  expect(read()).toEqual({ telemetry: false })
  process.env['HOLDFAST_CONFIG'] = 'gone.json'
  expect(failure().message).toContain('gone.json')
})

test('broken JSON stops the start with file and line', () => {
  write('holdfast.config.json', '{\n  "reliability": {\n    "retry": }\n}')
  expect(failure()).toMatchObject({ code: 'CONFIG_INVALID' })
  expect(failure().message).toContain(`${join(folder, 'holdfast.config.json')}:3: value expected`)
})

test('a wrong value is named with its line, what came and what is allowed', () => {
  write(
    'holdfast.config.json',
    '{\n  "reliability": {\n    "retry": {\n      "maxAttempts": "three"\n    }\n  }\n}',
  )
  expect(failure().message).toContain('holdfast.config.json:4: ')
  expect(failure().message).toContain(
    'reliability.retry.maxAttempts came as "three" (string); allowed is a number',
  )
})

test('an option that does not exist is named with its line and what there is', () => {
  write('holdfast.config.json', '{\n  "telemetry": false,\n  "reliabilty": {}\n}')
  expect(failure().message).toMatch(
    /:3: reliabilty is no option; allowed are reliability, telemetry/,
  )
})

test('a module that throws is named with its line', () => {
  write('holdfast.config.mjs', '\n\nthrow new TypeError("no")')
  expect(failure().message).toContain('holdfast.config.mjs:3: TypeError: no')
})
