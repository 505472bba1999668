import { cp, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { build } from 'esbuild'
import { describe, expect, test } from 'vitest'
import { aiSdk } from './ai-sdk-contract.ts'
import { describeAdapter } from './describe-adapter.ts'
import { fixtures, runApplication } from './run-application.ts'

describeAdapter({
  ...aiSdk,
  framework: 'ai-sdk',
  packages: ['ai'],
  oldest: { ai: '7.0.0', '@ai-sdk/openai': '4.0.0', zod: '4.6.7' },
  // The seventh version is an ES module alone.
  attached: { esm: ['ai/dist/index.js'], cjs: ['ai/dist/index.js'] },
})

describe.each(['ai-sdk', 'ai-sdk-v6'])('%s, loaded after Holdfast', (framework) => {
  const how = { framework, modules: 'esm', loading: 'by --import', env: { HOOKED: 'yes' } } as const

  test('tools are caught where telemetry is off; a generation is a run, over when it is', async () => {
    const scenarios = ['silent', 'answer', 'stream', 'agent', 'agentStream', 'nested', 'inParts']
    const { played } = await runApplication({ ...how, scenarios })
    expect(played['silent']).toMatchObject({ ran: ['Kyiv'], tools: [{ name: 'weather' }] })
    const whole = { outcome: 'ok', calls: 2 }
    expect(played['answer']?.ended).toMatchObject([{ ...whole, agent: 'forecaster' }])
    expect(played['stream']?.ended).toMatchObject([{ ...whole, session: 'Paris' }])
    expect(played['agent']?.ended).toMatchObject([{ ...whole, agent: 'looper' }])
    expect(played['agentStream']?.ended).toMatchObject([{ ...whole, agent: 'looper' }])
    expect(played['inParts']?.ended).toMatchObject([whole])
    const [outer, inner] = played['nested']!.tools
    expect(inner?.run?.parent?.id).toBe(outer?.run?.id)
  }, 60_000)

  test('the SDK asks a broken model once, and throws what it always threw', async () => {
    const { played } = await runApplication({
      ...how,
      scenarios: ['brokenModel', 'brokenStream'],
      env: { ...how.env, GUARD: 'off' },
    })
    expect(played['brokenModel']?.result).toEqual(['AI_RetryError', 'AI_APICallError', 500])
    expect(played['brokenStream']?.result).toEqual([['AI_RetryError', 500]])
    expect(played['brokenStream']?.ended).toMatchObject([{ outcome: 'error' }])
    expect(played['brokenModel']?.models).toHaveLength(1)
    expect(played['brokenStream']?.models).toHaveLength(1)
  }, 60_000)
})

test.each(['by --import', 'late'] as const)(
  'in a bundle, tools are caught and generations known: %s',
  async (loading) => {
    const folder = await mkdtemp(join(import.meta.dirname, 'built-'))
    try {
      await cp(fixtures, folder, { recursive: true })
      await build({
        entryPoints: [join(fixtures, 'ai-sdk.mjs')],
        bundle: true,
        platform: 'node',
        format: 'esm',
        external: ['#holdfast-first', 'holdfast', './watched.cjs', './play.cjs'],
        outfile: join(folder, 'ai-sdk.mjs'),
        allowOverwrite: true,
        logLevel: 'error',
        banner: {
          js: "import { createRequire as make } from 'node:module'; const require = make(import.meta.url)",
        },
      })
      const { played, report } = await runApplication({
        framework: 'ai-sdk',
        modules: 'esm',
        loading,
        applications: folder,
        scenarios: ['together'],
      })
      const { models, tools } = played['together']!
      expect(new Set(models.map(({ run }) => run?.session))).toEqual(new Set(['Oslo', 'Bern']))
      expect(tools.map(({ run }) => run?.agent)).toEqual(['forecaster', 'forecaster'])
      expect(report).toContainEqual({
        adapter: 'ai-sdk',
        attached: ['a bundled copy of ai'],
        failed: [],
      })
    } finally {
      await rm(folder, { recursive: true })
    }
  },
  60_000,
)
