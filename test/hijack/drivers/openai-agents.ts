// The OpenAI Agents SDK.
import { Agent, OpenAIProvider, Runner, shellTool, tool } from '@openai/agents'
import { instructions, mostRounds } from './driver.ts'
import type { Execute, Play } from './driver.ts'

export const play: Play = async ({ wire, stream, url, question, tools, execute }) => {
  const agent = new Agent({
    name: 'Helper',
    instructions,
    tools: [
      ...(wire === 'openai-responses' ? [shellOf(execute)] : []),
      ...tools.map(({ name, description, parameters }) =>
        tool({
          name,
          description,
          parameters: parameters as never,
          strict: false,
          execute: (given: unknown) => execute(name, given),
        }),
      ),
    ],
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

/** The shell that OpenAI's models know by themselves; the application runs it. */
function shellOf(execute: Execute) {
  return shellTool({
    shell: {
      async run(action) {
        const stdout = await execute('shell', { commands: action.commands })
        return { output: [{ stdout, stderr: '', outcome: { type: 'exit', exitCode: 0 } }] }
      },
    },
  })
}
