import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { instrument } from 'holdfast'
import type { HoldfastOptions } from 'holdfast'
import { afterEach, beforeEach, expect, test } from 'vitest'

const command = 'node'
const server = relative(
  process.cwd(),
  fileURLToPath(new URL('fixtures/mcp-server.mjs', import.meta.url)),
)
const secret = 'not-to-be-seen-anywhere'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-mcp-environment-'))
  for (const name of ['first', 'second']) {
    // oxlint-disable-next-line no-await-in-loop -- two small files
    await writeFile(
      join(folder, `${name}.cjs`),
      `require('node:fs').writeFileSync(${JSON.stringify(join(folder, `${name}-ran`))}, process.env.TOKEN ?? '')`,
    )
  }
})
afterEach(() => rm(folder, { recursive: true }))

const loads = (name: string) => ({ NODE_OPTIONS: `--require ${join(folder, `${name}.cjs`)}` })
const ran = (name: string) => existsSync(join(folder, `${name}-ran`))

/** Both clients launch a server with an environment, one launch after the other, under a gate that allows the command. */
async function launching(
  approvals: HoldfastOptions['approvals'],
  work: (launch: (env?: Record<string, string>, cwd?: string) => Promise<unknown>) => Promise<void>,
  client = '@modelcontextprotocol/sdk',
): Promise<readonly { readonly arguments: unknown; readonly said: string }[]> {
  const seen: { arguments: unknown; said: string }[] = []
  const holdfast = instrument({
    telemetry: false,
    ...(approvals === undefined ? {} : { approvals }),
    tools: {
      preset: 'guarded',
      rules: [
        {
          name: 'our-server',
          tool: 'mcp.launch',
          argument: [
            { path: 'command', equals: command },
            { path: 'args.0', equals: server },
          ],
          verdict: 'allow',
        },
      ],
    },
    interceptors: {
      tool: [
        async function watchTool(call, next) {
          if (call.name === 'mcp.launch') {
            seen.push({ arguments: call.arguments, said: JSON.stringify(call.arguments) })
          }
          return next(call)
        },
      ],
    },
  })
  const isOlder = client === '@modelcontextprotocol/sdk'
  const { Client } = (await import(isOlder ? `${client}/client/index.js` : client)) as {
    Client: new (info: object) => {
      connect(transport: object): Promise<void>
      close(): Promise<void>
    }
  }
  const { StdioClientTransport } = (await import(
    isOlder ? `${client}/client/stdio.js` : `${client}/stdio`
  )) as { StdioClientTransport: new (server: object) => object }
  const launch = (env?: Record<string, string>, cwd?: string) =>
    holdfast.run({ id: 'one' }, async () => {
      const mine = new Client({ name: 'forecaster', version: '1.0.0' })
      const more = { ...(env && { env }), ...(cwd !== undefined && { cwd }) }
      const asked = { command, args: [server], stderr: 'ignore', ...more }
      try {
        await mine.connect(new StdioClientTransport(asked))
        await mine.close()
        return 'launched'
      } catch (error) {
        return (error as { code?: unknown }).code
      }
    })
  try {
    await work(launch)
  } finally {
    await holdfast.uninstrument()
  }
  return seen
}

test.each(['@modelcontextprotocol/sdk', '@modelcontextprotocol/client'])(
  'of the environment of a server its names are shown, and no value, by %s',
  async (client) => {
    const seen = await launching(
      undefined,
      async (launch) => {
        expect(await launch({ TOKEN: secret, PATH: process.env['PATH'] ?? '' })).toBe('launched')
        expect(await launch({ TOKEN: secret, CITY: secret })).toBe('launched')
        expect(await launch()).toBe('launched')
        // Where it is started decides what its arguments mean.
        expect(await launch(undefined, process.cwd())).toBe('launched')
        expect(await launch(undefined, folder)).toBe('CALL_REFUSED')
      },
      client,
    )
    const bare = { command, args: [server] }
    expect(seen.map(({ arguments: given }) => given)).toEqual([
      // What the application's own process has is nobody's choice.
      { ...bare, env: ['TOKEN'] },
      { ...bare, env: ['CITY', 'TOKEN'], envHash: expect.stringMatching(/^[\da-f]{64}$/) },
      bare,
      { ...bare, cwd: process.cwd() },
      { ...bare, cwd: folder },
    ])
    expect(seen.map(({ said }) => said).join('\n')).not.toContain(secret)
  },
  30_000,
)

test('one that decides what runs is asked about, though the command is allowed; where nobody is, nothing starts', async () => {
  await launching(undefined, async (launch) => {
    expect(await launch({ ...loads('first'), TOKEN: secret })).toBe('CALL_REFUSED')
    expect(await launch({ PATH: folder })).toBe('CALL_REFUSED')
    expect(await launch({ LD_PRELOAD: join(folder, 'none.so') })).toBe('CALL_REFUSED')
  })
  expect(ran('first')).toBe(false)
}, 30_000)

test('an approval for one environment is none for another one, and a person may take a variable out', async () => {
  const questions: string[] = []
  const approvals: NonNullable<HoldfastOptions['approvals']> = {
    channels: [
      {
        name: 'test',
        async tell({ record, approve }) {
          questions.push(record.argumentsText)
          const { env, envHash, ...bare } = JSON.parse(record.argumentsText) as {
            env: string[]
            envHash: string
          }
          expect(envHash).toMatch(/^[\da-f]{64}$/)
          await approve({
            by: 'ada',
            ...(env.includes('DRY') ? { arguments: { ...bare, env: ['TOKEN'] } } : {}),
          })
        },
      },
    ],
  }
  await launching(approvals, async (launch) => {
    expect(await launch({ ...loads('first'), TOKEN: secret })).toBe('launched')
    expect(ran('first')).toBe(true)
    expect(await launch({ ...loads('second'), TOKEN: secret, DRY: '1' })).toBe('launched')
    expect(ran('second')).toBe(false)
    expect(await launch({ ...loads('second'), TOKEN: secret })).toBe('launched')
    expect(ran('second')).toBe(true)
  })
  expect(new Set(questions).size).toBe(3)
  expect(questions.join('\n')).not.toContain(secret)
  expect(questions.join('\n')).not.toContain('--require')
}, 30_000)
