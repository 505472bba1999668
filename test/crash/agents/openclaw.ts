// A turn of OpenClaw, which is an application: its processes are started here, in a container that is thrown away with
// them. What stays is the journal, and the file of the tools.
import { HoldfastError, instrument } from 'holdfast'
import { installOpenClaw } from '../../openclaw/install-openclaw.ts'
import { turn } from '../../openclaw/open-claw.ts'
import { jobVariable } from '../job.ts'
import type { Job } from '../job.ts'
import { containerOf, sessionOf, startContainer } from '../openclaw/container.ts'
import { question } from './agent.ts'
import type { PlayAgent } from './agent.ts'

export const play: PlayAgent = async ({ job, ready }) => {
  const home = containerOf(job)
  startContainer(home, job.providerUrl)
  const over = job.keeper === 'journal' ? await finishedRun(job) : undefined
  const claw = { installed: installOpenClaw(), home }
  const { code, stdout, stderr } = await turn(
    claw,
    { session: job.runId, message: question },
    {
      NODE_OPTIONS: `--conditions=@holdfast/source --no-warnings --import ${import.meta.resolve('holdfast/auto')}`,
      HOLDFAST_CONFIG: config,
      ...(over === undefined ? {} : { HOLDFAST_REPLAY: over }),
      NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'] ?? '',
      [jobVariable]: JSON.stringify({ ...job, diesWith: process.pid } satisfies Job),
    },
    (text) => {
      if (text.includes('ready\n')) ready()
    },
  )
  if (stderr.includes('EFFECT_IN_DOUBT')) {
    throw new HoldfastError('EFFECT_IN_DOUBT', 'so says OpenClaw')
  }
  if (code !== 0) throw new Error(`openclaw ended with ${code}: ${stderr}`)
  const { payloads } = JSON.parse(stdout) as { readonly payloads: readonly { text: string }[] }
  return payloads.map(({ text }) => text).join('\n')
}

const config = new URL('../openclaw/holdfast.config.ts', import.meta.url).pathname

/**
 * The turn's run, where it was killed after its end: a turn is known again while it is not over, and asked for once
 * more it is another one. Who was not told the answer has it played back.
 */
async function finishedRun({ runId }: Job): Promise<string | undefined> {
  const { runs } = instrument()
  const [over] = (await runs?.list({ session: sessionOf(runId), states: ['completed'] })) ?? []
  return over?.id
}
