// `pnpm adapters [--few] [name …]`: every framework, newest and oldest supported version, ESM and CommonJS, by each way
// of loading, on each Node, has to keep the whole contract; with --few, each two of these meet once. Frameworks are those
// with a test file here.
import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { table } from './table.ts'
import type { TestReport } from './table.ts'

const folder = await mkdtemp(join(tmpdir(), 'holdfast-adapters-'))
const output = join(folder, 'report.json')
const { values, positionals: names } = parseArgs({
  allowPositionals: true,
  options: { few: { type: 'boolean', default: false } },
})
const files = (names.length === 0 ? [''] : names.map((name) => `${name}.test.ts`)).map((name) =>
  join('test/adapters', name),
)
const vitest = spawn(
  'vitest',
  ['run', ...files, '--reporter=json', '--reporter=dot', `--outputFile.json=${output}`],
  {
    stdio: ['ignore', 2, 2],
    env: { ...process.env, HOLDFAST_ADAPTERS: values.few ? 'few' : 'all' },
  },
)
await new Promise((resolve) => vitest.on('close', resolve))
try {
  const report = await readFile(output, 'utf8').catch(() => '{"testResults":[]}')
  const { lines, green, cells } = table(JSON.parse(report) as TestReport)
  for (const line of lines) console.log(line)
  process.exitCode = cells > 0 && green === cells ? 0 : 1
} finally {
  await rm(folder, { recursive: true, force: true })
}
