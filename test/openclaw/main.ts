// `pnpm openclaw`: OpenClaw as it comes from the registry, on a bad day, under NODE_OPTIONS="--import holdfast/auto".
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startLab, turns, withFaults } from '@holdfast/lab'
import { readCalls } from './read-calls.ts'
import { installOpenClaw } from './install-openclaw.ts'
import { setUp, turn } from './open-claw.ts'

const version = '2026.9.6'

if (process.argv.includes('--help')) {
  console.log(`pnpm openclaw [--keep]   one turn of OpenClaw ${version} with a tool call, over a provider that fails

Installs OpenClaw in the folder for temporary files (650 MB, some 40 s, once), sets it up in a home of its own, and
looks into the journal afterwards. --keep leaves the home and the journal where they are.`)
  process.exit(0)
}

const root = mkdtempSync(join(tmpdir(), 'holdfast-openclaw-home-'))
const claw = { installed: installOpenClaw(version), home: join(root, 'home') }
const effects = join(root, 'effects.txt')
const journal = join(root, 'journal.db')
const config = join(root, 'holdfast.config.json')

const answer = 'It is written down.'
const command = `echo once >> ${effects}`
await using lab = await startLab({
  script: withFaults(
    (request) =>
      turns(request).some(({ from }) => from === 'tool')
        ? { text: answer }
        : { toolCalls: [{ name: 'exec', arguments: { command } }] },
    {
      0: { name: 'unavailable-retry-after', retryAfterMs: 1_000 },
      1: 'reset-mid-stream',
      3: { name: 'rate-limited', retryAfterMs: 1_000 },
      4: 'cut-before-content',
    },
  ),
})
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
    tools: {
      preset: 'guarded',
      rules: [{ name: 'the figure', tool: 'exec', verdict: 'allow' }],
    },
  }),
)

console.log(`openclaw ${version} in ${claw.installed}`)
await setUp(claw, lab.baseUrls.openai)
const startedAtMs = performance.now()
const { code, stdout, stderr } = await turn(claw, 'Please write it down.', {
  NODE_OPTIONS: `--import ${import.meta.resolve('holdfast/auto')}`,
  HOLDFAST_CONFIG: config,
})
const seconds = ((performance.now() - startedAtMs) / 1000).toFixed(0)
const { models, failed, tools } = await readCalls(journal)
const requests = lab.requests.filter(({ wire }) => wire !== 'other')
const faults = requests.filter(({ fault }) => fault !== undefined).length
const attempts = [...models, ...failed].reduce((sum, call) => sum + call.attempts, 0)
const ran = existsSync(effects) ? readFileSync(effects, 'utf8').split('\n').length - 1 : 0

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
  ['times that the tool ran', ran, 1],
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
    ? `openclaw: ${models.length} model calls and ${tools.length} tool call in the journal once each, over ${faults} faults in ${requests.length} requests, in ${seconds} s`
    : `openclaw: ${wrong.length} of ${findings.length} figures do not hold: ${wrong.map(([what]) => what).join(', ')}`,
)
process.exitCode = wrong.length === 0 ? 0 : 1
