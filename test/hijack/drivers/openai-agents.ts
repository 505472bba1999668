// The OpenAI Agents SDK.
import { Agent, OpenAIProvider, Runner, tool } from '@openai/agents'
import { instructions, mostRounds } from './driver.ts'
import type { Play } from './driver.ts'

export const play: Play = async ({ wire, stream, url, question, tools, execute }) => {
  const agent = new Agent({
    name: 'Helper',
    instructions,
    tools: tools.map(({ name, description, parameters }) =>
      tool({
        name,
        description,
        parameters: parameters as never,
        strict: false,
        execute: (given: unknown) => execute(name, given),
      }),
    ),
  })
  const runner = new Runner({
    tracingDisabled: true,
    model: 'gpt-lab',
    modelProvider: new OpenAIProvider({
      apiKey: 'sk-lab',
      baseURL: `${url}/v1`,
      useResponses: wire === 'openai-responses',
    }),
  })
  if (!stream)
    return (await runner.run(agent, question, { maxTurns: mostRounds })).finalOutput ?? ''
  const result = await runner.run(agent, question, { maxTurns: mostRounds, stream: true })
  for await (const _ of result.toTextStream());
  await result.completed
  return result.finalOutput ?? ''
}
