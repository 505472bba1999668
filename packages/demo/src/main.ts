// `npm run demo`: three agents on a bad day, or with something to remember, each without Holdfast and with it.
import { parseArgs } from 'node:util'

import { runDemo } from './demo.ts'

const help = `npm run demo [-- --live]
npm run demo memory

Runs three real agents (LangGraph.js, OpenAI Agents SDK, KaibanJS) on a bad day: rate limits, an
overloaded model, a stalled stream, a cut stream, a dead provider. Each runs twice, the same file and
the same faults: once plain, once with \`--import holdfast/auto\`. Takes about 20 seconds.

With memory: the same frameworks, each told a preference in one process and asked in the next.

  --live   against the real provider: needs OPENAI_API_KEY (OpenAI Agents SDK, KaibanJS),
           ANTHROPIC_API_KEY (LangGraph.js), or both; costs less than a cent. The faults are put
           in by a proxy on this machine. OPENAI_MODEL and ANTHROPIC_MODEL name other models.
  --help   this

Exit code 0: every agent failed without Holdfast and finished with it (with memory: has forgotten
without, knows with it). 1: not so. 2: wrong usage.
`

process.exitCode = await main()

async function main(): Promise<number> {
  let values: { live?: boolean; help?: boolean }
  let positionals: string[]
  try {
    ;({ values, positionals } = parseArgs({
      options: { live: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
      allowPositionals: true,
    }))
    const [which, ...more] = positionals
    const isKnown = which === undefined || (which === 'memory' && !values.live)
    if (!isKnown || more.length > 0)
      throw new TypeError(`unknown: ${process.argv.slice(2).join(' ')}`)
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${help}`)
    return 2
  }
  if (values.help) {
    process.stdout.write(help)
    return 0
  }
  if (positionals[0] === 'memory') {
    const { runMemoryDemo } = await import('./memory/memory-demo.ts')
    return await runMemoryDemo()
  }
  return await runDemo({ live: values.live ?? false })
}
