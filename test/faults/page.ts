import type { Expectation } from './expectations.ts'
import { expectationOf, kinds } from './expectations.ts'
import type { Ending } from './rows.ts'

/** Where the page stands. */
export const pageFile: URL = new URL('../../docs/faults.md', import.meta.url)

/** docs/faults.md, written from the table that `pnpm faults` holds Holdfast to. */
export function faultsPage(): string {
  const rows = kinds.map(({ fault, what, on, wires, warm }) => {
    const modes = on === 'both' ? [false, true] : [on === 'streamed']
    const expected = modes.flatMap((stream) =>
      wires.map((wire) => expectationOf({ fault, wire, stream })),
    )
    const requests = ({ retries }: Expectation): string => String(warm === true ? 2 : retries + 1)
    return [
      sentence(what),
      either(expected.map(({ does }) => does)),
      either(expected.map(requests)),
      either(expected.map(({ always }) => endings(always))),
    ]
  })
  return `${introduction}
| what goes wrong | what Holdfast does | requests at most | if it goes on |
|---|---|---|---|
${rows.map((columns) => `| ${columns.join(' | ')} |`).join('\n')}
${rest}`
}

const introduction = `# What goes wrong, and what Holdfast does about it

Providers fail in many ways, and SDKs treat them differently: some try again when it cannot help, some give up when it
would, some wait for ever, and most take a stream that was cut off for a short answer. Below, all of them behave alike.

The rules behind the table:

- **At most three requests** go upstream for one call (\`retry.maxAttempts\`), however many layers above try again too.
- **Never earlier than the provider says.** A wait longer than \`retry.maxDelayMs\`, or than the call has time, is not
  waited for.
- **Nothing is taken back.** Another request goes out only while the application has seen no content. Until then a
  stream is held back; after it, a failure is an error.
- **No answer without its end.** A stream that ends without its provider's terminal event is an error, and so is one in
  which the provider says that it failed.
- **Errors keep their class.** What the provider said arrives as the SDK's own error. What Holdfast says itself is a
  \`HoldfastError\` with a code ([errors.md](errors.md)); SDKs that wrap it keep it as the cause.
`

const rest = `
A fault that goes away within the requests allowed is not noticed: the call finishes.

With \`reliability.fallback\`, another model, key or address takes the call over where the request itself is good and
nothing was handed up yet.

## Seeing it

\`npx holdfast lab\` starts a provider that fails on demand; point an agent at it. \`pnpm faults\` runs every line of the
table on four wires, whole and streamed, through six clients (openai, @anthropic-ai/sdk, @google/genai, the AI SDK,
LangChain, plain fetch), alone and with Holdfast, and shows both side by side. The number of requests and what becomes of
the call are those of the decision table; the clients have no say in it.

\`pnpm faults --random 2000\` makes calls in which several faults follow each other, picked by seed: other clients and
wires, whole and streamed, with tools, some given up by their caller. No call may hang, end short without an error, ask too
often or too early, or leave a rejection, a request, a socket or a listener behind. \`pnpm faults --seed 17\` runs one of
them again.
`

function endings(ending: Ending): string {
  switch (ending.ends) {
    case 'finishes':
      return 'the call finishes'
    case 'status':
      return "the provider's error, in the SDK's own class"
    case 'as-bare':
      return "the SDK's own error"
    case 'lost':
      return "the SDK's own error for a lost connection"
    case 'code': {
      const codes = ending.codes.map((code) => `\`${code}\``).join(' or ')
      return ending.codes.includes('CALL_TIMED_OUT')
        ? `${codes}, or the SDK's own timeout error`
        : codes
    }
    case 'said':
      return 'what there is of the answer, and a finish reason that says so'
    default:
      return 'what came, as it came'
  }
}

/** One text, or where wires or streams differ, all of them. */
function either(texts: readonly string[]): string {
  return [...new Set(texts)].join('; or: ')
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
