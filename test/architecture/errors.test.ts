import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'

const root = resolve(import.meta.dirname, '../..')

test('every error code has a line in docs/errors.md, and every line a code', () => {
  const source = readFileSync(join(root, 'packages/core/src/errors.ts'), 'utf8')
  const union = source.slice(source.indexOf('ErrorCode ='), source.indexOf('/** Every failure'))
  const codes = [...union.matchAll(/'([A-Z_]+)'/g)].map(([, code]) => code)
  const page = readFileSync(join(root, 'docs/errors.md'), 'utf8')
  const lines = [...page.matchAll(/^\| `([A-Z_]+)` \|/gm)].map(([, code]) => code)
  expect(new Set(lines)).toEqual(new Set(codes))
  expect(codes.length).toBeGreaterThan(5)
})
