import { conversation, offeredTools } from '@holdfast/lab'
import { describe, expect, test } from 'vitest'
import { describeAdapter } from './describe-adapter.ts'
import { runApplication } from './run-application.ts'

describeAdapter({
  framework: 'mcp',
  boundary: 'mcp',
  packages: ['@modelcontextprotocol/sdk', '@modelcontextprotocol/client'],
  oldest: {
    '@modelcontextprotocol/sdk': '1.23.0',
    '@modelcontextprotocol/client': '2.0.0',
    zod: '4.6.7',
  },
  attached: {
    esm: [
      '@modelcontextprotocol/client/dist/index.mjs',
      '@modelcontextprotocol/client/dist/stdio.mjs',
      '@modelcontextprotocol/sdk/dist/esm/client/index.js',
      '@modelcontextprotocol/sdk/dist/esm/client/stdio.js',
    ],
    cjs: [
      '@modelcontextprotocol/client/dist/index.cjs',
      '@modelcontextprotocol/client/dist/stdio.cjs',
      '@modelcontextprotocol/sdk/dist/cjs/client/index.js',
      '@modelcontextprotocol/sdk/dist/cjs/client/stdio.js',
    ],
  },
  together: [{ session: 'Oslo' }, { session: 'Bern' }],
  // Nothing is launched, or asked, with wrong arguments.
  rejects: ['wrongArguments', 'notLaunched'],
  lacks: {
    stream: 'a client of tools asks no model',
    brokenModel: 'a client of tools asks no model',
  },
  more(outcome) {
    test('the launch of a server is a tool call, with its command', () => {
      for (const name of ['launched', 'launchedByNewer']) {
        const [launch] = outcome().played[name]!.tools
        expect(launch).toMatchObject({ name: 'mcp.launch', framework: 'mcp' })
        expect(launch?.arguments).toEqual({
          command: expect.stringContaining('node'),
          args: [expect.stringContaining('mcp-server.mjs'), 'inside'],
        })
      }
    })

    test('outside of any run a call belongs to the session with its server', () => {
      expect(outcome().played['session']?.tools[0]?.run).toMatchObject({
        session: 'session-of-Nice',
      })
    })
  },
})

test("a server's tool that an agent runs is one tool call, also under the server's name; so is the launch", async () => {
  const { played } = await runApplication({
    framework: 'mcp',
    modules: 'esm',
    loading: 'by --import',
    scenarios: ['agents'],
    script(request) {
      const [name = ''] = offeredTools(request)
      return conversation({ calls: [{ name, arguments: { city: 'Graz' } }], answer: 'Sunny.' })(
        request,
      )
    },
  })
  const { tools } = played['agents']!
  expect(tools.map(({ name, framework }) => [name, framework])).toEqual([
    ['mcp.launch', 'mcp'],
    ['weather', 'openai-agents'],
    [expect.stringMatching(/stations_+weather/), 'openai-agents'],
  ])
}, 60_000)

describe('the launch of a server', () => {
  const launched = (verdict: string, edited?: unknown) =>
    runApplication({
      framework: 'mcp',
      modules: 'esm',
      loading: 'late',
      scenarios: ['launched'],
      env: {
        TOOLS: JSON.stringify({
          preset: 'guarded',
          rules: [
            { name: 'launch', tool: 'mcp.launch', verdict },
            { name: 'weather', tool: 'weather', verdict: 'allow' },
          ],
        }),
        ...(edited === undefined ? {} : { EDITED: JSON.stringify(edited) }),
      },
    })

  test('that is refused makes connect() fail, and says why', async () => {
    const { played } = await launched('deny')
    expect(played['launched']?.ran).toEqual([])
    expect(played['launched']?.result).toEqual([
      'HoldfastError',
      'CALL_REFUSED',
      expect.stringMatching(/^\[CALL_REFUSED\] The MCP server "node" was not launched: .*launch/),
    ])
  }, 60_000)

  test('that a person has changed is launched as changed', async () => {
    const server = new URL('fixtures/mcp-server.mjs', import.meta.url).pathname
    const { played } = await launched('ask', {
      command: process.execPath,
      args: [server, 'safely'],
    })
    expect(played['launched']?.result).toEqual([{ type: 'text', text: 'Sunny safely in Bergen' }])
  }, 60_000)
})
