import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { startLab } from '@holdfast/lab'
import { build, transform } from 'esbuild'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import webpack from 'webpack'
import { fixtures, node } from './run-application.ts'

vi.setConfig({ testTimeout: 90_000 })

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(fixtures, 'built-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** The application in one file, with all that it imports but for `external`. */
async function bundle(name: string, external: readonly string[] = []): Promise<string> {
  const outfile = join(folder, name)
  await build({
    entryPoints: [join(fixtures, 'bundled.mts')],
    bundle: true,
    platform: 'node',
    format: 'esm',
    conditions: ['@holdfast/source', 'module'],
    external: [...external],
    outfile,
    logLevel: 'error',
    // Some CommonJS inside asks for Node's modules by require.
    banner: {
      js: "import { createRequire as make } from 'node:module'; const require = make(import.meta.url)",
    },
  })
  return outfile
}

/** The same as webpack makes it for production, as Next.js makes its server: shortened, and in chunks. */
async function pack(name: string, external: readonly string[]): Promise<string> {
  const source = await readFile(join(fixtures, 'bundled.mts'), 'utf8')
  const { code } = await transform(source, { loader: 'ts' })
  const entry = join(folder, `source-${name}`)
  await writeFile(entry, code)
  const compiler = webpack({
    mode: 'production',
    target: 'node22',
    entry,
    externalsType: 'module',
    externals: Object.fromEntries(external.map((one) => [one, one])),
    experiments: { outputModule: true },
    output: { path: folder, filename: name, chunkFormat: 'module', module: true },
  })
  await new Promise<void>((resolve, reject) => {
    compiler?.run((error, stats) => {
      if (error !== null || stats?.hasErrors() === true)
        reject(error ?? new Error(stats?.toString()))
      else resolve()
    })
  })
  return join(folder, name)
}

async function play(flags: readonly string[], file: string): Promise<unknown> {
  await using lab = await startLab({ script: { text: 'Hello' } })
  const { code, stdout, stderr } = await node([...flags, file], { LAB_URL: lab.baseUrls.openai })
  if (code !== 0) throw new Error(stderr)
  expect(lab.requests).toHaveLength(1)
  return JSON.parse(stdout)
}

test.each([
  ['esbuild', bundle],
  ['webpack', pack],
])(
  'of a bundle of %s the model calls are caught, and the report says what to add for its tools',
  async (by, make) => {
    const file = await make(`${by}.mjs`, ['holdfast'])
    expect(await play(['--import', 'holdfast/auto'], file)).toEqual({
      said: 'Sunny in Rome',
      answered: 'Hello',
      seen: { tools: [], models: ['gpt-5-mini'] },
      failed: [
        'it is part of a bundle: leave @langchain/core out of it ("external"), or add wrapTools(tools)',
      ],
    })
  },
)

test('what is left out of the bundle is attached to', async () => {
  const file = await bundle('outside.mjs', ['holdfast', '@langchain/core'])
  expect(await play(['--import', 'holdfast/auto'], file)).toMatchObject({
    seen: { tools: ['weather'], models: ['gpt-5-mini'] },
    failed: [],
  })
})
