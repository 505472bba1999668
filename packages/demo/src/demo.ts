import type { BadDay } from './bad-days.ts'
import { badDays } from './bad-days.ts'
import { liveUpstream, realProvider } from './live-upstream.ts'
import { terminalPaint as paint } from './paint.ts'
import { Progress } from './progress.ts'
import type { AgentRun } from './run-agent.ts'
import { runAgent } from './run-agent.ts'
import { simulatedUpstream } from './simulated-upstream.ts'
import { agentTable } from './table.ts'
import type { Upstream } from './upstream.ts'
import { seconds, verdict } from './verdict.ts'

/** How long an agent may take from its first request on before it is said to hang. */
const stopAfterMs = { lab: 15_000, live: 60_000 }

interface Pair {
  readonly plain: AgentRun
  readonly held: AgentRun
}

/** Runs the demo and prints what happened. Resolves with the exit code. */
export async function runDemo({ live }: { readonly live: boolean }): Promise<0 | 1 | 2> {
  const days = live ? badDays.filter(({ provider }) => realProvider(provider)) : badDays
  if (days.length === 0) {
    console.error('npm run demo -- --live needs OPENAI_API_KEY or ANTHROPIC_API_KEY, or both.')
    console.error('Without a key, npm run demo runs against a lab on this machine.')
    return 2
  }
  console.log(introduction(days, live))

  const startedAtMs = performance.now()
  const progress = new Progress(days)
  const startUpstream = live ? startLive : simulatedUpstream
  async function run(day: BadDay, holdfast: boolean): Promise<AgentRun> {
    const limitMs = live ? stopAfterMs.live : stopAfterMs.lab
    const over = await runAgent({ day, holdfast, startUpstream, stopAfterMs: limitMs })
    progress.is(day, holdfast, verdict(over).finished ? 'finished' : 'failed')
    return over
  }
  // All at once: they share whatever else the machine does, and nobody waits for the one that hangs.
  const pairs = await Promise.all(
    days.map(async (day): Promise<Pair> => {
      const [plain, held] = await Promise.all([run(day, false), run(day, true)])
      return { plain, held }
    }),
  ).finally(() => progress.end())

  for (const { plain, held } of pairs) console.log(`${agentTable(plain, held, paint)}\n`)
  console.log(paint('dim', `took ${seconds(performance.now() - startedAtMs)}`))
  return sumUp(pairs)
}

function introduction(days: readonly BadDay[], live: boolean): string {
  const left = badDays.filter((day) => !days.includes(day)).map(({ title }) => title.split(':')[0])
  return [
    '',
    paint('bold', 'The same agents on the same bad day, without Holdfast and with one line more.'),
    '',
    '  without   node agents/….ts',
    `  with      node ${paint('bold', '--import holdfast/auto')} agents/….ts`,
    '            holdfast.config.ts: a backup; first content within 5 s, not 60',
    '',
    ...(live
      ? ['The answers come from the real provider, the faults from a proxy before it.', '']
      : []),
    ...(left.length > 0 ? [`Left out, for want of a key: ${left.join(', ')}.`, ''] : []),
  ].join('\n')
}

function sumUp(pairs: readonly Pair[]): 0 | 1 {
  const all = pairs.length
  const fail = pairs.filter(({ plain }) => !verdict(plain).finished).length
  const finish = pairs.filter(({ held }) => verdict(held).finished).length
  const holds = fail === all && finish === all
  const sentence = `${fail} of ${all} agents fail without Holdfast, ${finish} of ${all} finish with it`
  console.log(paint(holds ? ['bold', 'green'] : ['bold', 'red'], sentence))
  return holds ? 0 : 1
}

async function startLive(day: BadDay): Promise<Upstream> {
  const real = realProvider(day.provider)
  if (real === undefined) throw new Error(`no key for ${day.provider}`)
  return await liveUpstream(day, real)
}
