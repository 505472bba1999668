import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { HoldfastError } from '@holdfast/core'
import type { ApprovalStore, StickyScope } from '@holdfast/core/approvals'
import { approvalDesk, describeApproval, userName } from '@holdfast/policies/approvals'
import type { ApprovalDesk, Remember } from '@holdfast/policies/approvals'
import { openApprovalStore } from '../../approvals/open-approval-store.ts'
import { usualPath } from '../../journal/open-journal.ts'
import { existingStore } from '../existing-store.ts'
import type { CommandIo } from '../journal/journal-command.ts'
import { listApprovals, listSticky } from './list-approvals.ts'

const help = `Decides about tool calls that wait for a person.

  holdfast approvals [ls] [--all] [--run r] [--limit 20]
                                        what waits; --all: what was decided, too
  holdfast approvals show <id>          what would be executed, and why it is asked
  holdfast approvals approve <id>       lets this call be executed, once
  holdfast approvals edit <id> '<json>' lets it be executed with these arguments instead; - reads them from stdin
  holdfast approvals deny <id> [reason] the model is told the reason

  holdfast approvals approve <id> --for run|session|agent|always [--like '{"path":"/tmp/*"}']
  holdfast approvals deny <id> [reason] --for ...
                                        answers later questions too: those that the same rule asks of the same tool;
                                        with --like only for the same arguments, but for the members that it names,
                                        where each * stands for one word; --like '{}' for the same arguments alone
  holdfast approvals sticky             decisions that answer later questions
  holdfast approvals revoke <id>        ends one of them

  --store <file or redis:// address>    default: HOLDFAST_JOURNAL, else ${usualPath}
  --by <name>                           who decides; default: cli:<user>
`

const options = {
  store: { type: 'string' },
  by: { type: 'string' },
  all: { type: 'boolean' },
  run: { type: 'string' },
  limit: { type: 'string' },
  for: { type: 'string' },
  like: { type: 'string' },
  help: { type: 'boolean' },
} as const

type Values = ReturnType<typeof parse>['values']

/** Runs `holdfast approvals` and returns its exit code. */
export async function approvalsCommand(args: readonly string[], io: CommandIo): Promise<number> {
  try {
    const { values, positionals } = parse(args)
    const [command = 'ls', ...rest] = positionals
    if (values.help === true || command === 'help') {
      io.stdout.write(help)
      return 0
    }
    const store = openStore(values)
    try {
      io.stdout.write(await perform(command, approvalDesk(store), rest, values))
    } finally {
      await store.close()
    }
    return 0
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error)
    io.stderr.write(`holdfast approvals: ${said}\n`)
    if (HoldfastError.is(error)) return 1
    io.stderr.write('Try: holdfast approvals --help\n')
    return 2
  }
}

function parse(args: readonly string[]) {
  return parseArgs({ args: [...args], options, allowPositionals: true })
}

async function perform(
  command: string,
  desk: ApprovalDesk,
  [first, ...more]: readonly string[],
  values: Values,
): Promise<string> {
  const by = values.by ?? `cli:${userName()}`
  const id = (): string => needed(first, command === 'revoke' ? 'the id of a decision' : 'an id')
  switch (command) {
    case 'ls':
      return listApprovals(desk, values)
    case 'show':
      return `${describeApproval(await desk.get(id()))}\n`
    case 'approve': {
      const record = await desk.approve(id(), { by, ...remembered(values) })
      return `${describeApproval(record)}\n`
    }
    case 'edit': {
      const text = needed(more[0], 'the arguments as JSON')
      const given = jsonOf(text === '-' ? readFileSync(0, 'utf8') : text, 'the arguments')
      return `${describeApproval(await desk.approve(id(), { by, arguments: given }))}\n`
    }
    case 'deny': {
      const reason = more.length === 0 ? undefined : more.join(' ')
      const record = await desk.deny(id(), reason, { by, ...remembered(values) })
      return `${describeApproval(record)}\n`
    }
    case 'sticky':
      return listSticky(desk, values)
    case 'revoke': {
      const { id: revoked, tool } = await desk.revoke(id(), by)
      return `${revoked} is revoked: tool ${tool} is asked about again\n`
    }
    default:
      throw new TypeError(
        `there is no command ${JSON.stringify(command)}; commands: ls, show, approve, edit, deny, sticky, revoke`,
      )
  }
}

const scopes: readonly string[] = ['run', 'session', 'agent', 'always'] satisfies StickyScope[]

function remembered({ for: scope, like }: Values): { remember?: Remember } {
  if (scope === undefined) {
    if (like !== undefined) throw new TypeError('--like needs --for')
    return {}
  }
  if (!scopes.includes(scope)) throw new TypeError(`--for is one of ${scopes.join(', ')}`)
  const reach = { for: scope as StickyScope }
  if (like === undefined) return { remember: reach }
  const members = jsonOf(like, '--like')
  const isPattern =
    typeof members === 'object' &&
    members !== null &&
    Object.values(members).every((one) => typeof one === 'string')
  if (!isPattern) throw new TypeError(`--like is an object of texts, such as '{"path":"/tmp/*"}'`)
  return { remember: { ...reach, arguments: members as Record<string, string> } }
}

function openStore({ store }: Values): ApprovalStore {
  return openApprovalStore(existingStore(store ?? (process.env['HOLDFAST_JOURNAL'] || usualPath)))
}

function jsonOf(text: string, what: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    throw new TypeError(`${what}: this is no JSON`)
  }
}

function needed(value: string | undefined, what: string): string {
  if (value === undefined) throw new TypeError(`${what} is missing`)
  return value
}
