import { existsSync, readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { accessOf, readLog, verifyLog } from '@holdfast/audit'
import { HoldfastError } from '@holdfast/core'
import { auditSettings, usualAuditFolder } from '../../audit/open-audit.ts'
import { effectiveOptions } from '../../config/effective-options.ts'
import { readDuration } from '../journal/duration.ts'
import type { CommandIo } from '../journal/journal-command.ts'
import { accessText } from './access-text.ts'
import { selectRows } from './select-rows.ts'
import type { RowQuery } from './select-rows.ts'
import { rowsText, rowText } from './rows-text.ts'
import { verifyText } from './verify-text.ts'

const help = `Looks into the audit log: who decided what, and why, and which tools ran.

  holdfast audit verify [--anchor <file>]      finds every edit, deletion, reorder and cut tail; exit code 1 where there is one
  holdfast audit access [--since 30d] [--agent a]
                                               who used which tool and data; permissions and rules never used
  holdfast audit ls [--since 24h] [--agent a] [--user u] [--tool t] [--run r] [--verdict deny] [--rule r]
                    [--policy p] [--kind decision-made] [--limit 50]
  holdfast audit show <run or call>            everything of one run or call, in full

  --folder <folder>   of the log, several times for what was moved elsewhere; default: as configured, else
                      HOLDFAST_AUDIT, else ${usualAuditFolder}
  --anchor <file>     heads that were taken away; default: as configured
  --since             30d, 12h, 5m, 90s, or a date as 2026-11-21 or 2026-11-21T10:00:00Z
  --json              one JSON document in place of tables

  HOLDFAST_AUDIT_KEY checks signatures; HOLDFAST_AUDIT_OLD_KEYS has the keys of before, with commas.
`

const options = {
  folder: { type: 'string', multiple: true },
  anchor: { type: 'string', multiple: true },
  since: { type: 'string' },
  agent: { type: 'string' },
  user: { type: 'string' },
  tool: { type: 'string' },
  run: { type: 'string' },
  rule: { type: 'string' },
  policy: { type: 'string' },
  verdict: { type: 'string' },
  kind: { type: 'string' },
  limit: { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean' },
} as const

type Values = ReturnType<typeof parse>['values']

/** Runs `holdfast audit …` and returns its exit code: 1 where the log was changed, too. */
export async function auditCommand(args: readonly string[], io: CommandIo): Promise<number> {
  try {
    const { values, positionals } = parse(args)
    const [command, what] = positionals
    if (values.help === true || command === undefined) {
      io.stdout.write(help)
      return values.help === true ? 0 : 2
    }
    return perform(command, what, values, io)
  } catch (error) {
    io.stderr.write(`holdfast audit: ${error instanceof Error ? error.message : String(error)}\n`)
    if (HoldfastError.is(error)) return 1
    io.stderr.write('Try: holdfast audit --help\n')
    return 2
  }
}

function parse(args: readonly string[]) {
  return parseArgs({ args: [...args], options, allowPositionals: true })
}

function perform(
  command: string,
  what: string | undefined,
  values: Values,
  { stdout }: CommandIo,
): number {
  const json = (value: unknown): void => {
    stdout.write(`${JSON.stringify(value, undefined, 2)}\n`)
  }
  switch (command) {
    case 'verify': {
      const { folders, anchorFile, keys } = placesOf(values)
      // Read before the log: what is written meanwhile is more than was anchored, never less.
      const anchors = (values.anchor ?? (anchorFile === undefined ? [] : [anchorFile])).map(
        (name) => ({ name, text: readFileSync(name, 'utf8') }),
      )
      const report = verifyLog({ folders, keys, anchors })
      if (values.json === true) json(report)
      else stdout.write(verifyText(report, folders))
      return report.findings.length === 0 ? 0 : 1
    }
    case 'access': {
      const { folders } = placesOf(values)
      const { since, agent } = queryOf(values)
      const report = accessOf(readLog(folders), { since, agent })
      if (values.json === true) json(report)
      else stdout.write(accessText(report))
      return 0
    }
    case 'ls': {
      const { rows, left } = selectRows(readLog(placesOf(values).folders), queryOf(values))
      if (values.json === true) json(rows)
      else stdout.write(rowsText(rows, left))
      return 0
    }
    case 'show': {
      if (what === undefined) throw new TypeError('a run or a call is missing')
      const log = readLog(placesOf(values).folders)
      const { rows } = selectRows(log, { ...queryOf(values), of: what, limit: Infinity })
      if (rows.length === 0) {
        throw new HoldfastError('OPTIONS_INVALID', `nothing in the audit log is of ${what}`)
      }
      if (values.json === true) json(rows)
      else stdout.write(rows.map(rowText).join('\n'))
      return 0
    }
    default:
      throw new TypeError(
        `there is no command ${JSON.stringify(command)}; commands: verify, access, ls, show`,
      )
  }
}

interface Places {
  readonly folders: readonly string[]
  readonly anchorFile: string | undefined
  readonly keys: readonly (string | Uint8Array | (() => string | Uint8Array))[]
}

function placesOf(values: Values): Places {
  const settings = auditSettings(effectiveOptions(undefined).audit)
  const folders = values.folder ?? [
    settings?.folder ?? (process.env['HOLDFAST_AUDIT'] || usualAuditFolder),
  ]
  for (const folder of folders) {
    if (existsSync(folder)) continue
    throw new HoldfastError('OPTIONS_INVALID', `there is no audit log ${folder}`)
  }
  const key = settings?.key ?? (process.env['HOLDFAST_AUDIT_KEY'] || undefined)
  const oldKeys = (process.env['HOLDFAST_AUDIT_OLD_KEYS'] ?? '').split(',')
  const anchor = settings?.anchor
  const to = typeof anchor === 'object' ? anchor.to : anchor
  return {
    folders,
    anchorFile: typeof to === 'string' && !to.includes('://') && existsSync(to) ? to : undefined,
    keys: [...(key === undefined ? [] : [key]), ...oldKeys.filter((one) => one !== '')],
  }
}

function queryOf(values: Values): RowQuery {
  const { since, agent, user, tool, run, rule, policy, verdict, kind, limit = '50' } = values
  if (!/^\d+$/.test(limit)) throw new TypeError('--limit is a whole number')
  return {
    since: since === undefined ? undefined : timeOf(since),
    equal: { agent, user, name: tool, run, rule, policy, verdict, kind },
    agent,
    limit: Number(limit),
  }
}

/** ISO 8601 of `30d` ago, or of a date. */
function timeOf(text: string): string {
  const isDuration = /^\d+[smhd]$/.test(text)
  const ms = isDuration ? Date.now() - readDuration(text) : Date.parse(text)
  if (!Number.isNaN(ms)) return new Date(ms).toISOString()
  throw new TypeError(`${JSON.stringify(text)} is no time; say 30d, 12h, 5m, 90s or 2026-11-21`)
}
