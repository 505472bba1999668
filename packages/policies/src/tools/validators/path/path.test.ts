import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative, resolve } from 'node:path'
import * as fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { inspectPath } from './path.ts'

let root = ''

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'holdfast-path-'))
  mkdirSync(join(root, 'src'))
  writeFileSync(join(root, 'src/index.ts'), '')
  symlinkSync('/', join(root, 'out'))
  symlinkSync('/nowhere/at/all', join(root, 'dangling'))
  symlinkSync('src', join(root, 'in'))
  symlinkSync(join(root, '.env'), join(root, 'innocent.txt'))
  writeFileSync(join(root, '.env'), '')
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

const decide = (path: string) => inspectPath(path, { root }).decision

test.each([
  'src/index.ts',
  './src/./index.ts',
  'src/../src/x',
  'new/folder/file',
  'in/index.ts',
  '..foo',
  'a..b',
  '...txt',
  'src/%2e%2e.txt',
  'a b.txt',
  'ünï/文件.md',
  '[id].ts',
])('%s passes', (path) => {
  expect(inspectPath(path, { root }).findings).toEqual([])
})

test.each([
  '../x',
  'out/..',
  'in/../../x',
  '/etc/passwd',
  'src/../../x',
  'out/etc/passwd',
  'dangling/x',
  'dangling',
  '%2e%2e/x',
  '%252e%252e%252fx',
  '..%c0%afx',
  '..%u2215x',
  '..;/x',
  '....//x',
  '..\\x',
  'C:\\x',
  '\\\\server\\share',
  '//server/share',
  'x\0.txt',
  '~/x',
  '$HOME/x',
  'file:///x',
  'x.txt::$DATA',
  'NUL',
  '..\u2215x',
  'x\u202etxt.exe',
  '.env',
  '.ENV',
  '.npmrc',
  '.git/hooks/pre-commit',
  '.github/workflows/ci.yml',
  'innocent.txt',
  '%2e%65%6e%76',
  '',
])('%j does not pass', (path) => {
  expect(decide(path)).not.toBe('allow')
})

test('an absolute path inside of the root passes, one beside it does not', () => {
  expect(decide(join(root, 'src/index.ts'))).toBe('allow')
  expect(decide(`${root}X/file`)).not.toBe('allow')
})

test('names can be protected and freed', () => {
  const options = {
    root,
    protectedNames: [/^migrations\//],
    unprotectedNames: [/^\.env\.example2$/],
  }
  expect(inspectPath('migrations/1.sql', options).decision).toBe('ask')
  expect(inspectPath('.env.example2', options).decision).toBe('allow')
  expect(inspectPath('.env.production', options).decision).toBe('ask')
})

test('a root that is reached through a link itself is the root', () => {
  const link = `${root}-link`
  symlinkSync(root, link)
  try {
    expect(inspectPath('src/index.ts', { root: link }).findings).toEqual([])
    expect(inspectPath(join(link, 'src/index.ts'), { root: link }).decision).toBe('allow')
    expect(inspectPath('out/etc/passwd', { root: link }).decision).not.toBe('allow')
    expect(inspectPath('../x', { root: link }).decision).not.toBe('allow')
  } finally {
    rmSync(link)
  }
})

test('whatever passes lies inside of the root', () => {
  const piece = fc.constantFrom(
    '..',
    '.',
    'a',
    'src',
    'out',
    '/',
    '//',
    '\\',
    '%2e',
    '%2f',
    '%5c',
    '..%2f',
    '~',
    'in',
    '\u2215',
    '...',
  )
  fc.assert(
    fc.property(
      fc.array(piece, { minLength: 1, maxLength: 8 }),
      fc.constantFrom('/', ''),
      (pieces, mark) => {
        const path = pieces.join(mark)
        if (decide(path) !== 'allow') return
        for (const form of [path, decodeURIComponent(path)]) {
          expect(relative(root, resolve(root, form)), path).not.toMatch(/^\.\.(?:\/|$)/)
          expect(form).not.toMatch(/^(?:\.\/+)*out(?:\/|$)/)
        }
      },
    ),
    { numRuns: 2000 },
  )
})
