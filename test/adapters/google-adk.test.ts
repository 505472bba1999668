import { conversation, offeredTools } from '@holdfast/lab'
import { expect, test } from 'vitest'
import { agentScript } from './agent-script.ts'
import { describeAdapter } from './describe-adapter.ts'
import { runApplication } from './run-application.ts'

describeAdapter({
  framework: 'google-adk',
  boundary: 'google-adk',
  packages: ['@google/adk'],
  oldest: { '@google/adk': '1.0.0', zod: '4.6.7' },
  attached: { esm: ['@google/adk/dist/esm/index.js'], cjs: ['@google/adk/dist/cjs/index.js'] },
  together: [
    { session: 'Oslo', user: 'ada', agent: 'forecaster' },
    { session: 'Bern', user: 'ada', agent: 'forecaster' },
  ],
  brokenModel: [['forecaster', '500']],
  // Arguments that do not fit the schema are refused inside of the call, and a confirmation is asked for there.
  rejects: ['wrongArguments', 'interrupt'],
  agentsAsTools: ['agentAsTool', 'transfer'],
  more(outcome) {
    test('a run ends when its events do, also streamed or given up', () => {
      const { answer, stream, givenUp, unread } = outcome().played
      expect(answer?.ended).toMatchObject([{ outcome: 'ok', agent: 'forecaster', calls: 2 }])
      expect(stream?.ended).toMatchObject([{ outcome: 'ok', session: 'streamed' }])
      expect(givenUp?.ended).toMatchObject([{ outcome: 'ok', session: 'given up', calls: 1 }])
      expect(unread?.ended).toEqual([])
    })

    test('events are made in the run they were asked for in, wherever they are read', () => {
      const { models, tools } = outcome().played['elsewhere']!
      expect(models).toHaveLength(2)
      for (const { run } of [...models, ...tools]) {
        expect(run).toMatchObject({ session: 'elsewhere', parent: { agent: 'maker' } })
      }
    })

    test('an agent at work for another one has a run inside of its run', () => {
      const { agentAsTool, parallel } = outcome().played
      expect(agentAsTool!.models.map(({ run }) => [run?.agent, run?.parent?.agent])).toEqual([
        ['desk', undefined],
        ['weather', 'desk'],
        ['weather', 'desk'],
        ['desk', undefined],
      ])
      for (const { run, city } of parallel!.models) {
        expect(run).toMatchObject({ agent: city, session: 'pair', parent: { agent: 'pair' } })
      }
    })

    test('a tool that asks for a confirmation is called again when it has one', () => {
      const { tools, ran, result } = outcome().played['interrupt']!
      // The first versions do not know that a tool may require one.
      const asks = JSON.stringify(result).includes('adk_request_confirmation')
      expect(ran).toEqual(['Prague'])
      expect(tools.map(({ arguments: given }) => given)).toEqual(
        (asks ? ['Prague', 'Prague'] : ['Prague']).map((city) => ({ city })),
      )
    })

    test('the id of the tool call is known', () => {
      expect(outcome().played['answer']?.tools[0]?.toolCallId).toBeTypeOf('string')
    })
  },
})

test('an agent that the conversation is transferred to works in a run of its own', async () => {
  const { played } = await runApplication({
    framework: 'google-adk',
    modules: 'esm',
    loading: 'by --import',
    scenarios: ['transfer'],
    script: (request) =>
      offeredTools(request).includes('weather')
        ? agentScript(request)
        : conversation({
            calls: [{ name: 'transfer_to_agent', arguments: { agentName: 'forecaster' } }],
            answer: 'Who knows?',
          })(request),
  })
  const { models, tools, ran } = played['transfer']!
  expect(ran).toEqual(['Riga'])
  expect(tools.map(({ name }) => name)).toEqual(['transfer_to_agent', 'weather'])
  expect(models.map(({ run }) => [run?.agent, run?.parent?.agent])).toEqual([
    ['door', undefined],
    ['forecaster', 'door'],
    ['forecaster', 'door'],
  ])
}, 60_000)
