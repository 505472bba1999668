import { globSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { expect, test } from 'vitest'

const root = resolve(import.meta.dirname, '../..')

/** Who may use whom. A new edge changes this table, in its own commit. */
const mayUse: Record<string, readonly string[]> = {
  'packages/core': [],
  'packages/capture': ['@holdfast/core', '@holdfast/core/http'],
  'packages/wire': ['@holdfast/core'],
  'packages/policies': [
    '@holdfast/core',
    '@holdfast/core/approvals',
    '@holdfast/core/limits',
    '@holdfast/core/memory',
  ],
  'packages/telemetry': ['@holdfast/core'],
  'packages/journal': ['@holdfast/core', '@holdfast/core/encryption'],
  'packages/audit': ['@holdfast/core'],
  'packages/store-sqlite': [
    '@holdfast/core',
    '@holdfast/core/approvals',
    '@holdfast/core/limits',
    '@holdfast/core/memory',
  ],
  'packages/store-redis': [
    '@holdfast/core',
    '@holdfast/core/approvals',
    '@holdfast/core/limits',
    '@holdfast/core/memory',
  ],
  'packages/lab': [],
  'packages/holdfast': [
    '@holdfast/audit',
    '@holdfast/capture',
    '@holdfast/core',
    '@holdfast/core/approvals',
    '@holdfast/core/errors',
    '@holdfast/core/http',
    '@holdfast/core/limits',
    '@holdfast/core/memory',
    '@holdfast/journal',
    '@holdfast/lab',
    '@holdfast/policies/approvals',
    '@holdfast/policies/context',
    '@holdfast/policies/governance',
    '@holdfast/policies/memory',
    '@holdfast/policies/own-keys',
    '@holdfast/policies/reliability',
    '@holdfast/policies/security',
    '@holdfast/policies/tool-gate',
    '@holdfast/policies/tools',
    '@holdfast/store-redis',
    '@holdfast/store-sqlite',
    '@holdfast/telemetry',
    '@holdfast/wire',
    '@holdfast/wire/endpoints',
  ],
  'packages/demo': ['@holdfast/lab', 'holdfast'],
  'adapters/crew': ['holdfast'],
  'adapters/ai-sdk': ['holdfast'],
  'adapters/mastra': ['holdfast'],
  'adapters/langgraph': ['holdfast'],
  'adapters/google-adk': ['holdfast'],
  'adapters/genai': ['holdfast'],
  'adapters/llamaindex': ['holdfast'],
  'adapters/mcp': ['holdfast'],
  'adapters/openai': ['holdfast'],
  'adapters/anthropic': ['holdfast'],
  'adapters/bedrock': ['holdfast'],
  'adapters/openclaw': ['holdfast'],
  'adapters/openai-agents': ['holdfast'],
}

/** The only package that may touch process globals. */
const globalsOwner = 'packages/capture'

const folders = globSync('{packages,adapters}/*/package.json', { cwd: root }).map((file) =>
  dirname(file).replaceAll('\\', '/'),
)

test('every package stands in the table', () => {
  expect(folders.toSorted()).toEqual(Object.keys(mayUse).toSorted())
})

test.each(folders)('%s imports only what is below it', (folder) => {
  const used = new Set<string>()
  for (const file of sourcesOf(folder)) {
    for (const specifier of importsOf(file)) {
      if (specifier.startsWith('@holdfast/') || specifier === 'holdfast') used.add(specifier)
      if (specifier.startsWith('.')) {
        const target = relative(join(root, folder, 'src'), resolve(dirname(file), specifier))
        expect(target, `${relative(root, file)} leaves its package`).not.toMatch(/^\.\./)
      }
    }
  }
  expect([...used].filter((name) => !(mayUse[folder] ?? []).includes(name))).toEqual([])
})

test.each(folders.filter((folder) => folder !== globalsOwner && folder !== 'packages/demo'))(
  '%s leaves the globals of the process alone',
  (folder) => {
    const writes = sourcesOf(folder).filter((file) =>
      /(?<!typeof )globalThis\.(?:fetch|Request|Response)\s*=[^=]|\bhttp\.Agent\.prototype\.\w+\s*=[^=]|setGlobalDispatcher\(/.test(
        readFileSync(file, 'utf8'),
      ),
    )
    expect(writes).toEqual([])
  },
)

test('a package depends on what it imports, and on nothing else', () => {
  for (const folder of folders) {
    const manifest = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')) as {
      dependencies?: Record<string, string>
      peerDependencies?: Record<string, string>
    }
    const named = new Set([
      ...Object.keys(manifest.dependencies ?? {}),
      ...Object.keys(manifest.peerDependencies ?? {}),
    ])
    for (const file of sourcesOf(folder)) {
      for (const specifier of importsOf(file)) {
        if (specifier.startsWith('.') || specifier.startsWith('node:')) continue
        const name = specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/')
        expect(named, `${relative(root, file)} imports ${name}`).toContain(name)
      }
    }
  }
})

function sourcesOf(folder: string): string[] {
  return globSync('src/**/*.ts', { cwd: join(root, folder) })
    .filter((file) => !/\.test\.ts$|[\\/]testing[\\/]|[\\/]fixtures[\\/]/.test(file))
    .map((file) => join(root, folder, file))
}

function importsOf(file: string): string[] {
  const text = readFileSync(file, 'utf8')
  return [
    ...text.matchAll(
      /(?:^|\n)(?:import|export)\s[^'"]*?from\s+'([^']+)'|import\('([^']+)'\)|(?:^|\n)import '([^']+)'/g,
    ),
  ].map((match) => match[1] ?? match[2] ?? match[3] ?? '')
}
