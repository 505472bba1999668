// `pnpm openclaw`: OpenClaw as it comes from the registry, on a bad day, under NODE_OPTIONS="--import holdfast/auto".
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { startLab, turns, withFaults } from '@holdfast/lab'
import type { LabRequest, Step } from '@holdfast/lab'
import { nodeOf } from '../adapters/cells.ts'
import { readCalls } from './read-calls.ts'
import { installOpenClaw, openClawVersion as version } from './install-openclaw.ts'
import { kill, setUp, turn } from './open-claw.ts'

if (process.argv.includes('--help')) {
  console.log(`pnpm openclaw [--node 26] [--keep]   OpenClaw ${version}: a turn with a tool call over a provider that fails, and turns that are killed

Installs OpenClaw in the folder for temporary files (650 MB, some 40 s, once), sets it up in a home of its own, and
looks into the journal afterwards. --node runs it on another Node than 24, --keep leaves the home and the journal where
they are.`)
  process.exit(0)
}

const root = mkdtempSync(join(tmpdir(), 'holdfast-openclaw-home-'))
const asked = process.argv.indexOf('--node')
const node = nodeOf(asked < 0 ? '24' : (process.argv[asked + 1] ?? ''))
if (node === undefined) throw new Error('--node is one of 24 and 26')
const claw = { installed: installOpenClaw(), home: join(root, 'home'), node }
const journal = join(root, 'journal.db')

const answer = 'It is written down.'
const cameOfIt = 'what came of it'
const telling = { deny: /the figure/, dryRun: /would/, allow: /No such file/ } as const
const model = (request: LabRequest): Step =>
  turns(request).some(({ from }) => from === 'tool')
    ? { text: answer }
    : { toolCalls: [{ name: 'exec', arguments: { command: commandIn(request) } }] }
await using lab = await startLab({
  script: withFaults(model, {
    0: { name: 'unavailable-retry-after', retryAfterMs: 1_000 },
    1: 'reset-mid-stream',
    3: { name: 'rate-limited', retryAfterMs: 1_000 },
    4: 'cut-before-content',
  }),
})
/** Every policy is on, with one rule for the tool. */
function environment(verdict: 'allow' | 'deny' | 'dryRun'): Readonly<Record<string, string>> {
  const config = join(root, `${verdict}.config.json`)
  writeFileSync(
    config,
    JSON.stringify({
      journal: { store: journal },
      store: `sqlite:${join(root, 'limits.db')}`,
      audit: { folder: join(root, 'audit') },
      reliability: { retry: { maxAttempts: 4 }, rateLimit: { requestsPerMinute: 600 } },
      governance: { caps: { maxIterations: 10, maxToolCalls: 10 } },
      security: true,
      context: true,
      memory: { store: join(root, 'memory.db'), inject: true, learn: true },
      tools: { preset: 'guarded', rules: [{ name: 'the figure', tool: 'exec', verdict }] },
    }),
  )
  return {
    NODE_OPTIONS: `--import ${import.meta.resolve('holdfast/auto')}`,
    HOLDFAST_CONFIG: config,
  }
}

console.log(`openclaw ${version} in ${claw.installed}`)
await setUp(claw, lab.baseUrls.openai)
const startedAtMs = performance.now()
const env = environment('allow')
const effects = effectsOf('figure')
const message = `Please do this: [echo once >> ${effects}]`
const { code, stdout, stderr } = await turn(claw, { session: 'figure', message }, env)
const seconds = ((performance.now() - startedAtMs) / 1000).toFixed(0)
const { models, failed, tools } = await readCalls(journal)
const requests = lab.requests.filter(({ wire }) => wire !== 'other')
const faults = requests.filter(({ fault }) => fault !== undefined).length
const attempts = [...models, ...failed].reduce((sum, call) => sum + call.attempts, 0)
const said = (what: RegExp): number => `${stdout}${stderr}`.match(what)?.length ?? 0
type Found = string | number | null | undefined
const findings: readonly (readonly [what: string, found: Found, expected: Found])[] = [
  ['openclaw ends well', code, 0],
  ['what it answers', /"text": "([^"]*)"/.exec(stdout)?.[1], answer],
  ['times that Holdfast spoke', said(/holdfast(?!-openclaw)/gi), 0],
  ['warnings of Node', said(/\(node:\d+\) .*Warning/g), 0],
  ['requests that the provider got', requests.length, 6],
  ['faults among them', faults, 4],
  ['model calls in the journal', models.length, 2],
  // A reply that breaks off after its content began is an error to OpenClaw, which asks again by itself.
  ['model calls that failed', failed.length, 1],
  ['attempts of all of them', attempts, requests.length],
  ['runs that they belong to', new Set([...models, ...tools].map(({ run }) => run)).size, 1],
  ['agent and session', models[0]?.whose, 'main, agent:main:figure'],
  ['tool calls in the journal', tools.map(({ name }) => name).join(', '), 'exec'],
  ['outcomes of tools in the journal', tools.filter(({ done }) => done).length, 1],
  ['times that the tool ran', timesOf(effects), 1],
  ...(await killed('the model is asked')),
  ...(await killed('its tool runs')),
  ...(await judged('deny')),
  ...(await judged('dryRun')),
  ...(await judged('allow')),
]
const wrong = findings.filter(([, found, expected]) => found !== expected)
for (const [what, found, expected] of findings) {
  console.log(
    found === expected
      ? `  ok     ${what}: ${found}`
      : `  FAILED ${what}: ${found}, and it should be ${expected}`,
  )
}
if (wrong.length > 0) console.log(`\n${stdout.slice(-2_000)}\n${stderr.slice(-4_000)}`)
if (process.argv.includes('--keep')) console.log(`  kept in ${root}`)
else rmSync(root, { recursive: true, force: true })
console.log(
  wrong.length === 0
    ? `openclaw: ${models.length} model calls and ${tools.length} tool call in the journal once each, over ${faults} faults in ${requests.length} requests, in ${seconds} s; 2 turns killed, nothing lost and nothing done twice; a tool refused, one said and one failed, and the model told`
    : `openclaw: ${wrong.length} of ${findings.length} figures do not hold: ${wrong.map(([what]) => what).join(', ')}`,
)
process.exitCode = wrong.length === 0 ? 0 : 1

/**
 * Kills a turn there, and starts it again. OpenClaw goes on from a transcript of its own, with another request: it is a
 * new run, and what the killed one has done stands in the journal.
 */
async function killed(
  where: 'the model is asked' | 'its tool runs',
): Promise<readonly (readonly [what: string, found: Found, expected: Found])[]> {
  const inTool = where === 'its tool runs'
  const session = inTool ? 'killed-in-tool' : 'killed-in-model'
  const effects = effectsOf(session)
  const waits = inTool ? ' && sleep 60' : ''
  const message = `Please do this: [echo once >> ${effects}${waits}]`
  let over = false
  lab.reset((request) => {
    const step = model(request)
    return over || step.toolCalls !== undefined ? step : { ...step, fault: 'header-stall' }
  })
  const first = turn(claw, { session, message }, env)
  const isThere = (): boolean =>
    inTool
      ? timesOf(effects) > 0
      : lab.requests.some((request) => model(request).toolCalls === undefined)
  while (!isThere()) await setTimeout(50)
  // Its outcome is written a moment later, if it has one.
  await setTimeout(500)
  kill(claw)
  await first
  const before = await readCalls(journal, `agent:main:${session}`)
  over = true
  const { code, stdout } = await turn(claw, { session, message }, env)
  const after = await readCalls(journal, `agent:main:${session}`)
  return [
    [`killed while ${where}: model calls in the journal`, before.models.length, 1],
    ['its tool calls there', before.tools.length, 1],
    ['outcomes of tools there', before.tools.filter(({ done }) => done).length, inTool ? 0 : 1],
    ['started again, it ends', code, 0],
    ['and answers', /"text": "([^"]*)"/.exec(stdout)?.[1], answer],
    ['tools that a person is told of', after.inDoubt, inTool ? 1 : 0],
    ['times that the tool ran', timesOf(effects), 1],
  ]
}

/** One call of its tool that is refused, one that is only said, and one that fails: what the contract of adapters asks for. */
async function judged(
  verdict: 'deny' | 'dryRun' | 'allow',
): Promise<readonly (readonly [what: string, found: Found, expected: Found])[]> {
  const session = verdict.toLowerCase()
  const effects = effectsOf(session)
  const fails = verdict === 'allow'
  const command = fails ? `echo once >> ${effects} && ls /atlantis` : `echo once >> ${effects}`
  lab.reset(model)
  const message = `Please do this: [${command}]`
  const { code, stdout } = await turn(claw, { session, message }, environment(verdict))
  const last = lab.requests.findLast(({ wire }) => wire !== 'other')
  const told = JSON.stringify(last && turns(last).slice(-2))
  const { tools } = await readCalls(journal, `agent:main:${session}`)
  return [
    [`a tool that ${fails ? 'fails' : `is judged ${verdict}`}: the turn ends`, code, 0],
    ['and answers', /"text": "([^"]*)"/.exec(stdout)?.[1], answer],
    ['times that the tool ran', timesOf(effects), fails ? 1 : 0],
    ['the model is told', telling[verdict].test(told) ? cameOfIt : told, cameOfIt],
    ['its outcomes in the journal', tools.filter(({ done }) => done).length, fails ? 1 : 0],
  ]
}

function effectsOf(session: string): string {
  return join(root, `${session}.txt`)
}

function timesOf(effects: string): number {
  return existsSync(effects) ? readFileSync(effects, 'utf8').split('\n').length - 1 : 0
}

/** What the conversation asks for. */
function commandIn(request: LabRequest): string {
  return /Please do this: \[([^\]]*)\]/.exec(JSON.stringify(request.body))?.[1] ?? ''
}
