import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startLab } from '@holdfast/lab'
import type { Lab } from '@holdfast/lab'

import { runAgentProcess } from '../agent-process.ts'
import { terminalPaint as paint } from '../paint.ts'
import { seconds } from '../verdict.ts'
import { asked, knowing, model, told } from './model.ts'

/** An agent of the demo. */
interface Framework {
  readonly title: string
  /** Its file in agents/. */
  readonly agent: string
}

const frameworks: readonly Framework[] = [
  { title: 'LangGraph.js', agent: 'langgraph' },
  { title: 'OpenAI Agents SDK', agent: 'openai-agents' },
  { title: 'KaibanJS', agent: 'kaiban' },
]

const stopAfterMs = 60_000

/** What an agent answered in two processes, one after the other. */
interface Answers {
  readonly toTold: string
  readonly toAsked: string
}

/** Tells agents a preference in one process and looks for it in the next. Resolves with the exit code. */
export async function runMemoryDemo(): Promise<0 | 1> {
  console.log(introduction)
  const startedAtMs = performance.now()
  const lab = await startLab({ script: model })
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-demo-'))
  try {
    const results = await Promise.all(
      frameworks.map(async (framework) => {
        const file = join(folder, `${framework.agent}.db`)
        return {
          framework,
          plain: await twoProcesses(framework, lab),
          held: await twoProcesses(framework, lab, file),
        }
      }),
    )
    for (const { framework, plain, held } of results) console.log(shown(framework, plain, held))
    console.log(paint('dim', `took ${seconds(performance.now() - startedAtMs)}`))
    const forget = results.filter(({ plain }) => plain.toAsked !== knowing).length
    const know = results.filter(({ held }) => held.toAsked === knowing).length
    const all = results.length
    const holds = forget === all && know === all
    const sentence = `${forget} of ${all} agents have forgotten it without Holdfast, ${know} of ${all} know it with it`
    console.log(paint(holds ? ['bold', 'green'] : ['bold', 'red'], sentence))
    return holds ? 0 : 1
  } finally {
    await lab.close()
    await rm(folder, { recursive: true })
  }
}

const introduction = [
  '',
  paint('bold', 'An agent is told a preference in one process. What does it know in the next?'),
  '',
  '  without   node agents/….ts "…"',
  `  with      node ${paint('bold', '--import holdfast/auto')} agents/….ts "…"`,
  "            holdfast.config.ts: memory: true, run: { user: 'ada' }",
  '',
  `  1st process   ${told}`,
  `  2nd process   ${asked}`,
  '',
].join('\n')

async function twoProcesses({ agent }: Framework, lab: Lab, file?: string): Promise<Answers> {
  const say = async (message: string): Promise<string> => {
    const { stdout, stderr, exitCode } = await runAgentProcess({
      agent,
      folder: import.meta.dirname,
      arguments: [message],
      holdfast: file !== undefined,
      env: {
        ANTHROPIC_API_KEY: 'a-key-for-the-lab',
        ANTHROPIC_BASE_URL: lab.baseUrls.anthropic,
        OPENAI_API_KEY: 'a-key-for-the-lab',
        OPENAI_BASE_URL: lab.baseUrls.openai,
        ...(file === undefined ? {} : { HOLDFAST_MEMORY: file }),
      },
      signal: AbortSignal.timeout(stopAfterMs),
    })
    return exitCode === 0 ? stdout : `failed: ${stderr.trim().split('\n').at(-1) ?? ''}`
  }
  return { toTold: await say(told), toAsked: await say(asked) }
}

function shown({ title }: Framework, plain: Answers, held: Answers): string {
  const answer = (text: string) =>
    text === knowing ? paint('green', `✓ ${text}`) : paint('red', `✗ ${text}`)
  return [
    paint('bold', title),
    `  1st process   ${held.toTold}`,
    `  2nd, without  ${answer(plain.toAsked)}`,
    `  2nd, with     ${answer(held.toAsked)}`,
    '',
  ].join('\n')
}
