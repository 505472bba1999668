import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { startLab } from '@holdfast/lab'
import { transform } from 'esbuild'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { fixtures, node } from './run-application.ts'

vi.setConfig({ testTimeout: 90_000 })

const holdfast = ['--import', 'holdfast/auto']

// The applications without types, for loaders that leave the language alone.
let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(fixtures, 'built-'))
  for (const [name, format] of [
    ['application.mts', 'esm'],
    ['application.cts', 'cjs'],
  ] as const) {
    const { code } = await transform(await readFile(join(fixtures, name)), { loader: 'ts', format })
    await writeFile(join(folder, name.replace('ts', 'js')), code)
  }
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** What the application tells: its tool and its call, seen once each. */
async function play(
  flags: readonly string[],
  application: string,
  env: Readonly<Record<string, string>> = {},
): Promise<unknown> {
  await using lab = await startLab({ script: { text: 'Hello' } })
  const file = application.endsWith('ts') ? application : join(folder, application)
  const ended = await node([...flags, file], { LAB_URL: lab.baseUrls.openai, ...env })
  if (ended.code !== 0) throw new Error(ended.stderr)
  expect(lab.requests).toHaveLength(1)
  return { ...(JSON.parse(ended.stdout) as object), stderr: ended.stderr }
}

const once = {
  said: 'Sunny in Rome',
  answered: 'Hello',
  seen: { tools: ['weather'], models: ['gpt-5-mini'] },
  stderr: '',
}

test.for([
  ['tsx first', ['--import', 'tsx', ...holdfast], 'application.mts'],
  ['tsx last', [...holdfast, '--import', 'tsx'], 'application.mts'],
  ['tsx, CommonJS', [...holdfast, '--import', 'tsx'], 'application.cts'],
  ['Sentry first', ['--import', './sentry.mjs', ...holdfast], 'application.mjs'],
  ['Sentry last', [...holdfast, '--import', './sentry.mjs'], 'application.mjs'],
  ['Sentry, CommonJS', ['--import', './sentry.mjs', ...holdfast], 'application.cjs'],
  ['OpenTelemetry first', ['--import', './open-telemetry.mjs', ...holdfast], 'application.mjs'],
  ['OpenTelemetry last', [...holdfast, '--import', './open-telemetry.mjs'], 'application.mjs'],
  ['OpenTelemetry, CommonJS', [...holdfast, '--import', './open-telemetry.mjs'], 'application.cjs'],
] as const)('%s', async ([, flags, application]) => {
  expect(await play(flags, application)).toEqual(once)
})

// With --import, Node reads the main file itself, and TypeScript never gets to ts-node.
test('ts-node, by --require', async () => {
  const flags = ['--require', 'holdfast/auto', '--require', 'ts-node/register']
  const env = {
    TS_NODE_COMPILER: 'typescript-5',
    TS_NODE_COMPILER_OPTIONS: '{ "module": "nodenext", "moduleResolution": "nodenext" }',
    TS_NODE_TRANSPILE_ONLY: '1',
    // Holdfast's own sources, which are no JavaScript yet.
    TS_NODE_IGNORE: '/node_modules/,/packages/,/adapters/',
  }
  expect(await play(flags, 'application.cts', env)).toEqual(once)
})

test('named twice on the command line and once in NODE_OPTIONS, it is there once', async () => {
  const options = { NODE_OPTIONS: '--conditions=@holdfast/source --import holdfast/auto' }
  expect(await play([...holdfast, ...holdfast], 'application.mjs', options)).toEqual(once)
})
