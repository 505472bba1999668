import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { startLab } from '@holdfast/lab'
import { build, transform } from 'esbuild'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import webpack from 'webpack'
import { agentScript } from '../adapters/agent-script.ts'
import { fixtures as agents } from '../adapters/run-application.ts'
import { fixtures, node } from './run-application.ts'

vi.setConfig({ testTimeout: 90_000 })

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(fixtures, 'built-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** The application in one file, with all that it imports but for `external`. */
async function bundle(
  name: string,
  external: readonly string[] = [],
  entry: string = join(fixtures, 'bundled.mts'),
  minify = false,
): Promise<string> {
  const outfile = join(folder, name)
  await build({
    entryPoints: [entry],
    bundle: true,
    platform: 'node',
    format: 'esm',
    conditions: ['@holdfast/source', 'module'],
    external: [...external],
    minify,
    outfile,
    logLevel: 'error',
    // Some CommonJS inside asks for Node's modules by require, and where it is.
    banner: {
      js: "import { createRequire as make } from 'node:module'; const require = make(import.meta.url); const __filename = import.meta.filename; const __dirname = import.meta.dirname",
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

/** What an agent of each framework is made of; it asks for the weather once. */
const made: Readonly<Record<string, string>> = {
  'ai-sdk': `
    import * as ai from 'ai'
    import { createOpenAI } from '@ai-sdk/openai'
    import * as zod from 'zod'
    const frameworks = { ai, createOpenAI, zod }`,
  anthropic: `
    import Anthropic from '@anthropic-ai/sdk'
    import * as helpers from '@anthropic-ai/sdk/helpers/beta/zod'
    import * as zod from 'zod'
    const frameworks = { Anthropic, helpers, zod }`,
  'google-adk': `
    import * as adk from '@google/adk'
    import * as zod from 'zod'
    const frameworks = { adk, zod }`,
  crew: `
    import * as core from '@langchain/core/tools'
    import * as kaiban from 'kaibanjs'
    import * as zod from 'zod'
    const frameworks = { kaiban, core, zod }`,
  llamaindex: `
    import * as openai from '@llamaindex/openai'
    import * as workflow from '@llamaindex/workflow'
    import * as llamaindex from 'llamaindex'
    import * as zod from 'zod'
    const frameworks = { llamaindex, openai, workflow, zod }`,
  mastra: `
    import * as agents from '@mastra/core/agent'
    import * as mastra from '@mastra/core/mastra'
    import * as storage from '@mastra/core/storage'
    import * as tools from '@mastra/core/tools'
    import * as workflows from '@mastra/core/workflows'
    import { createOpenAI } from '@ai-sdk/openai'
    import * as zod from 'zod'
    const frameworks = { agents, tools, workflows, mastra, storage, createOpenAI, zod }`,
  openai: `
    import OpenAI from 'openai'
    import * as helpers from 'openai/helpers/zod'
    import * as zod from 'zod'
    const frameworks = { OpenAI, helpers, zod }`,
  voltagent: `
    import * as voltagent from '@voltagent/core'
    import { createOpenAI } from '@ai-sdk/openai-v6'
    import * as zod from 'zod'
    const frameworks = { voltagent, createOpenAI, zod }`,
}

interface Told {
  readonly ran: readonly string[]
  readonly attached: readonly string[]
  readonly failed: readonly string[]
  readonly unseenTools: readonly { readonly tool: string; readonly why: string }[]
}

/** An agent of a framework, made one file but for `external`, and what is told of it. */
async function askAgent(
  framework: string,
  external: readonly string[],
  scenario: 'answer' | 'wrappedTwice' = 'answer',
): Promise<Told> {
  return tellOf(
    `agent-${framework}-${external.length}-${scenario}`,
    external,
    `import application from ${JSON.stringify(join(agents, `${framework}.cjs`))}
    ${made[framework]}
    const { ran, scenarios } = application.construct(frameworks)
    await scenarios.${scenario}()`,
  )
}

/** What is told of an application, made one file but for `external`, that writes down in `ran` what it has run. */
async function tellOf(
  name: string,
  external: readonly string[],
  source: string,
  minify = false,
): Promise<Told> {
  const entry = join(folder, `source-${name}.mjs`)
  await writeFile(
    entry,
    `import { instrument } from 'holdfast'
    ${source}
    const { adapters, unseenTools } = instrument().report()
    const attached = adapters.filter((adapter) => adapter.attached.length > 0).map(({ adapter }) => adapter)
    const failed = adapters.flatMap(({ adapter, failed }) => failed.map(({ why }) => adapter + ': ' + why))
    // Some have timers of their own, which would keep the process.
    process.stdout.write('\\n' + JSON.stringify({ ran, attached, failed, unseenTools }) + '\\n', () => process.exit())`,
  )
  const file = await bundle(`${name}.mjs`, ['holdfast', ...external], entry, minify)
  await using lab = await startLab({ script: agentScript })
  const { code, stdout, stderr } = await node(['--import', 'holdfast/auto', file], {
    LAB_URL: lab.baseUrls.openai,
    LAB_URLS: JSON.stringify(lab.baseUrls),
    KAIBAN_TELEMETRY_OPT_OUT: '1',
  })
  if (code !== 0) throw new Error(stderr)
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Told
}

test.each([
  ['anthropic', 'leave @anthropic-ai/sdk out of it ("external"), or add wrapTools(tools)'],
  [
    'google-adk',
    'leave @google/adk out of it ("external"), or add execute: tool({ name }, execute)',
  ],
  ['openai', 'leave openai out of it ("external"), or add function: tool({ name }, execute)'],
])(
  'a bundled %s is told by what its clients say, and what to add; so is its tool',
  async (framework, line) => {
    expect(await askAgent(framework, [])).toEqual({
      ran: ['Rome'],
      attached: [],
      failed: [`${framework}: it is part of a bundle: ${line}`],
      unseenTools: [
        { tool: 'weather', calls: 1, why: expect.stringContaining('wrapTools(tools)') },
      ],
    })
  },
)

test('a bundled KaibanJS, whose tool calls are text, is told by what it asks of a model', async () => {
  const { ran, failed, unseenTools } = await askAgent('crew', ['@langchain/core'])
  expect(ran).toEqual(['Rome'])
  expect(failed).toEqual([
    'kaibanjs: it is part of a bundle: leave kaibanjs out of it ("external"), or add wrapTools(tools)',
  ])
  expect(unseenTools).toEqual([])
})

test.each(['llamaindex', 'mastra'])(
  'of a bundled %s, which says nothing of itself, its tool is told, and what to add',
  async (framework) => {
    expect(await askAgent(framework, [])).toEqual({
      ran: ['Rome'],
      attached: [],
      failed: [],
      unseenTools: [{ tool: 'weather', calls: 1, why: expect.stringContaining('("external")') }],
    })
  },
)

test.each([
  ['ai-sdk', []],
  ['google-adk', ['@google/adk']],
  ['openai', ['openai']],
])(
  'of a bundled %s with %j left out, which is attached to, nothing is told',
  async (framework, external) => {
    expect(await askAgent(framework, external)).toEqual({
      ran: ['Rome'],
      attached: expect.arrayContaining([framework]),
      failed: [],
      unseenTools: [],
    })
  },
)

test.each(['google-adk', 'llamaindex', 'openai'])(
  'of a bundled %s whose tool is wrapped, as the line says, the tool is not told any more',
  async (framework) => {
    const { ran, unseenTools } = await askAgent(framework, [], 'wrappedTwice')
    expect(ran).toEqual(['Lima'])
    expect(unseenTools).toEqual([])
  },
)

test('of a bundled VoltAgent, whose tools are seen, it is told that its runs are not, and what to add', async () => {
  expect(await askAgent('voltagent', [])).toEqual({
    ran: ['Rome'],
    attached: ['ai-sdk'],
    failed: [
      'ai-sdk: it is part of a bundle: leave @voltagent/core out of it ("external"), or add run({ agent, session, user }, work) around the calls of its agents',
    ],
    unseenTools: [],
  })
})

/** A client that launches a server, and asks it for its tools. */
const launching = (client: string, stdio: string): string => `
  import { Client } from '${client}'
  import { StdioClientTransport } from '${stdio}'
  const client = new Client({ name: 'forecaster', version: '1.0.0' })
  const args = [${JSON.stringify(join(agents, 'mcp-server.mjs'))}]
  await client.connect(new StdioClientTransport({ command: process.execPath, args }))
  const ran = (await client.listTools()).tools.map(({ name }) => name)
  await client.close()`
const older = launching(
  '@modelcontextprotocol/sdk/client/index.js',
  '@modelcontextprotocol/sdk/client/stdio.js',
)
const newer = launching('@modelcontextprotocol/client', '@modelcontextprotocol/client/stdio')

test.each([
  ['older', older, true],
  ['newer', newer, false],
])(
  'that a bundled MCP client launches a server is told, and what to add: the %s one',
  async (version, source, minify) => {
    expect(await tellOf(`launching-${version}`, [], source, minify)).toEqual({
      ran: ['weather'],
      attached: [],
      failed: [
        'mcp: it is part of a bundle: leave @modelcontextprotocol/sdk (in its second version /client) out of it ("external"), or add wrapTools(tools), which has its tools, but not the launch of its servers',
      ],
      unseenTools: [],
    })
  },
)

test.each([
  ['@voltagent/core', () => askAgent('voltagent', ['@voltagent/core']), ['ai-sdk']],
  [
    '@modelcontextprotocol/sdk',
    () => tellOf('launching-outside', ['@modelcontextprotocol/*'], older),
    ['mcp'],
  ],
])('of a bundle with %s left out, nothing is told', async (_, told, attached) => {
  expect(await told()).toMatchObject({
    attached: expect.arrayContaining(attached),
    failed: [],
    unseenTools: [],
  })
})
