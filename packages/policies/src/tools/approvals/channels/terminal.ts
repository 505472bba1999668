import { createInterface } from 'node:readline/promises'
import type { Interface } from 'node:readline/promises'
import { HoldfastError } from '@holdfast/core'
import type { ErrorCode } from '@holdfast/core'
import type { ApprovalRecord, StickyScope } from '@holdfast/core/approvals'
import type { ApprovalChannel, ApprovalRequest } from '../channel.ts'
import { describeApproval } from '../describe-approval.ts'
import { userName } from '../user-name.ts'
import { visibleText } from '../visible-text.ts'

/** Where a person sits. */
export interface TerminalOptions {
  /** @default process.stdin */
  readonly input?: NodeJS.ReadableStream
  /** @default process.stderr: what the program prints stays its own */
  readonly output?: NodeJS.WritableStream
  /** Who sits there. @default the user of the system */
  readonly by?: string
}

/** True where a person can be asked: both ends are a terminal. */
export function hasTerminal(): boolean {
  return process.stdin.isTTY && process.stderr.isTTY
}

/** Asks on the terminal, one question after the other. */
export function terminal({
  input = process.stdin,
  output = process.stderr,
  by = `terminal:${userName()}`,
}: TerminalOptions = {}): ApprovalChannel {
  const isTerminal = 'isTTY' in input && input.isTTY === true
  let last: Promise<void> = Promise.resolve()
  return {
    name: 'terminal',
    tell(request) {
      const told = last.then(() => (request.signal.aborted ? undefined : prompt(request)))
      // What goes wrong with one question is none of the next one's.
      last = told.catch(() => {})
      return told
    },
  }

  async function prompt(request: ApprovalRequest): Promise<void> {
    const { record, signal } = request
    const wasFlowing = 'readableFlowing' in input && input.readableFlowing === true
    const lines = createInterface({ input, output, terminal: isTerminal })
    // Ctrl-C means the program, not the question.
    lines.once('SIGINT', () => {
      lines.close()
      process.kill(process.pid, 'SIGINT')
    })
    const closed = new AbortController()
    lines.once('close', () => closed.abort())
    const either = AbortSignal.any([signal, closed.signal])
    try {
      output.write(`\n${describeApproval(record)}\n`)
      while (!(await answered(request, lines, either)));
    } catch (error) {
      const isLate = signal.aborted || isError(error, 'APPROVAL_DECIDED')
      if (!isLate && !closed.signal.aborted) throw error
      const why = isLate ? 'answered elsewhere' : `open; holdfast approvals show ${record.id}`
      output.write(`\n${record.id}: ${why}\n`)
    } finally {
      lines.close()
      if (wasFlowing) input.resume()
    }
  }

  /** False where it is to be asked again. */
  async function answered(
    { record, approve, deny }: ApprovalRequest,
    lines: Interface,
    signal: AbortSignal,
  ): Promise<boolean> {
    const ask = async (question: string): Promise<string> =>
      (await lines.question(question, { signal })).trim()
    switch ((await ask('Allow it? [y]es, [n]o, [e]dit, [a]lways: ')).toLowerCase()) {
      case 'y':
      case 'yes':
        await approve({ by })
        output.write(`${record.id}: approved\n`)
        return true
      case 'n':
      case 'no': {
        const reason = await ask('Why not? The model is told (empty: no reason): ')
        await deny(reason === '' ? undefined : reason, { by })
        output.write(`${record.id}: denied\n`)
        return true
      }
      case 'e':
      case 'edit': {
        const answer = lines.question('Arguments: ', { signal })
        // To be changed where they stand.
        if (isTerminal) lines.write(visibleText(record.argumentsText))
        return edited(await answer, record, approve)
      }
      case 'a':
      case 'always': {
        const scopes = scopesOf(record)
        const names = scopes.map(([key, scope]) => `[${key}] ${scope}`).join(', ')
        const key = (
          await ask(`Allow what ${visibleText(record.rule)} asks of this tool for: ${names}: `)
        ).toLowerCase()
        const scope = scopes.find(([one]) => one === key)?.[1]
        if (scope === undefined) return false
        await approve({ by, remember: { for: scope } })
        output.write(
          `${record.id}: approved, and remembered (${scope}); holdfast approvals sticky\n`,
        )
        return true
      }
      default:
        return false
    }
  }

  async function edited(
    text: string,
    { id }: ApprovalRecord,
    approve: ApprovalRequest['approve'],
  ): Promise<boolean> {
    let given: unknown
    try {
      given = JSON.parse(text)
    } catch {
      output.write('That is no JSON.\n')
      return false
    }
    try {
      await approve({ by, arguments: given })
    } catch (error) {
      if (!isError(error, 'OPTIONS_INVALID')) throw error
      output.write(`${visibleText(error.message)}\n`)
      return false
    }
    output.write(`${id}: approved with these arguments\n`)
    return true
  }
}

function isError(error: unknown, code: ErrorCode): error is HoldfastError {
  return HoldfastError.is(error) && error.code === code
}

function scopesOf({ session, agent }: ApprovalRecord): [key: string, scope: StickyScope][] {
  return [
    ['r', 'run'],
    ...(session === undefined ? [] : [['s', 'session'] as [string, StickyScope]]),
    ...(agent === undefined ? [] : [['g', 'agent'] as [string, StickyScope]]),
    ['a', 'always'],
  ]
}
