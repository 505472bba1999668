import { mkdtemp, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startLab } from '@holdfast/lab'
import { instrument } from 'holdfast'
import { expect, test } from 'vitest'
import { agentScript } from './agent-script.ts'

const require = createRequire(import.meta.url)

test.each(['supervisor', 'swarm'])(
  'a %s that breaks off after a handover goes on behind it',
  async (scenario) => {
    let isDown = true
    await using lab = await startLab({
      script: (request) =>
        isDown && request.bodyText.includes('Sunny in')
          ? { fault: 'server-error' }
          : agentScript(request),
    })
    const folder = await mkdtemp(join(tmpdir(), 'holdfast-resume-'))
    process.env['LAB_URL'] = lab.baseUrls.openai
    const frameworks = {
      langchain: require('langchain'),
      core: require('@langchain/core/tools'),
      graphs: require('@langchain/langgraph'),
      supervisor: require('@langchain/langgraph-supervisor'),
      swarm: require('@langchain/langgraph-swarm'),
      openai: require('@langchain/openai'),
      zod: require('zod'),
    }
    const { construct } = require('./fixtures/langchain.cjs') as {
      readonly construct: (of: object) => {
        ran: string[]
        scenarios: Record<string, () => Promise<readonly (readonly unknown[])[]>>
      }
    }
    const application = construct(frameworks)
    const play = (): ReturnType<(typeof application.scenarios)[string]> =>
      application.scenarios[scenario]!()
    const holdfast = instrument({
      telemetry: false,
      journal: { store: join(folder, 'journal.db') },
      reliability: { retry: { baseDelayMs: 1 } },
    })
    try {
      await expect(holdfast.run({ id: 'handed over' }, play)).rejects.toThrow('500')
      isDown = false
      const before = lab.requests.length
      const said = await holdfast.run({ id: 'handed over' }, play)

      expect(said.filter(([who]) => who === 'human')).toHaveLength(1)
      expect(said.at(-1)).toContain(`That was ${application.ran[0]}.`)
      expect(application.ran).toHaveLength(1)
      expect(lab.requests.length - before).toBe(scenario === 'swarm' ? 1 : 2)
    } finally {
      await holdfast.uninstrument()
      await rm(folder, { recursive: true, force: true })
    }
  },
)
