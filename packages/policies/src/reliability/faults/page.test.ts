import { expect, test } from 'vitest'
import { reasonOf } from '../fallback/chains.ts'
import { faults } from './faults.ts'
import type { Fault } from './faults.ts'

test('docs/policies/decision-table.md says what the table says; vitest -u writes it anew', async () => {
  await expect(page()).toMatchFileSnapshot('../../../../../docs/policies/decision-table.md')
})

function page(): string {
  const rows = Object.values(faults).toSorted((one, other) => place(one) - place(other))
  return `${introduction}
| row | fault | how it is known | more requests | wait | another target | circuit | billed? | alert |
|---|---|---|---|---|---|---|---|---|
${rows.map(line).join('\n')}
${rest}`
}

function line(fault: Fault): string {
  const { name, row, sign, retries, breaker, possiblyBilled, alert } = fault
  const columns = [
    row === 'own' ? '' : row,
    `\`${name}\``,
    sign,
    retries === 'as-left' ? 'as left' : retries,
    retries === 0 ? '' : waits[fault.delay],
    target(fault),
    circuit[breaker],
    possiblyBilled ? 'maybe' : '',
    alert ? 'yes' : '',
  ]
  return `| ${columns.join(' | ')} |`
}

function target({ name, fallback }: Fault): string {
  const reason = reasonOf(name)
  const chain = reason === undefined ? '' : ` (\`${reason}\`)`
  return { yes: `yes${chain}`, 'if-asked': `if asked${chain}`, no: '' }[fallback]
}

function place({ row }: Fault): number {
  return row === 'own' ? Infinity : row
}

const waits = { none: 'none', backoff: 'backoff', 'slow-backoff': '1 s and backoff' } as const

const circuit = {
  failure: 'failure',
  alive: 'alive',
  nothing: '',
  config: 'alive',
  wait: 'shut until then',
} as const

const introduction = `# The decision table

What Holdfast does about each fault, written from
[the table in the code](../../packages/policies/src/reliability/faults/faults.ts) that every policy obeys. What that looks
like from outside stands in [faults](../faults.md).

- **more requests**: after the first one, within \`retry.maxAttempts\`. A wait that the provider names is kept exactly and goes
  before the one here; where it is too long, row 2 holds.
- **another target**: whether a [fallback](fallback.md) takes over, and which of its chains. "If asked" needs a chain of that
  name, or the fault in \`on\`.
- **circuit**: what the [circuit breaker](circuit-breaker.md) learns: a failure, or that the provider is alive.
- **billed?**: the provider may have charged for the attempt although it gave no answer.
- **alert**: only a person can mend it. It is told once (\`alert-raised\`, and a warning of the process), and again where it comes
  back after a call of that provider, model and key has succeeded. Time heals none of it, so no circuit opens for it.
`

const rest = `
Names are those of \`attempt-failed\` events, of \`holdfast.fault\` on spans and of \`error.fault\`.

Faults after the first content have rows of their own: nothing is tried again, the stream ends with an error that carries what
had arrived ([mid-stream](mid-stream.md)).
`
