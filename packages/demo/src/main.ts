// `npm run demo`: three agents on a bad day, each without Holdfast and with it.
import { parseArgs } from 'node:util'

import { runDemo } from './demo.ts'

const help = `npm run demo [-- --live]

Runs three real agents (LangGraph.js, OpenAI Agents SDK, KaibanJS) on a bad day: rate limits, an
overloaded model, a stalled stream, a cut stream, a dead provider. Each runs twice, the same file and
the same faults: once plain, once with \`--import holdfast/auto\`. Takes about 20 seconds.

  --live   against the real provider: needs OPENAI_API_KEY (OpenAI Agents SDK, KaibanJS),
           ANTHROPIC_API_KEY (LangGraph.js), or both; costs less than a cent. The faults are put
           in by a proxy on this machine. OPENAI_MODEL and ANTHROPIC_MODEL name other models.
  --help   this

Exit code 0: every agent failed without Holdfast and finished with it. 1: not so. 2: wrong usage.
`

process.exitCode = await main()

async function main(): Promise<number> {
  let values: { live?: boolean; help?: boolean }
  try {
    ;({ values } = parseArgs({
      options: { live: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
    }))
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${help}`)
    return 2
  }
  if (values.help) {
    process.stdout.write(help)
    return 0
  }
  return await runDemo({ live: values.live ?? false })
}
