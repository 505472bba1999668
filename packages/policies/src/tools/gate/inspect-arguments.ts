import type { Finding } from '../decision.ts'
import { inspectPath } from '../validators/path/path.ts'
import { inspectShell } from '../validators/shell/shell.ts'
import { inspectSql } from '../validators/sql/sql.ts'
import { inspectUrl } from '../validators/url/url.ts'
import {
  argumentTexts,
  explaining,
  languageOf,
  quoted,
  runsWhatItIsGiven,
  snake,
} from './arguments.ts'
import type { ArgumentPath, ArgumentText } from './arguments.ts'
import { environmentFindings } from './environment-findings.ts'
import type { KnownTool } from './known-tools.ts'
import type { ToolGateOptions } from './options.ts'

/** One thing that was noticed in the arguments of a call. */
export interface ArgumentFinding extends Finding {
  /** The arguments that it is about; none where it is about all of them together. */
  readonly paths: readonly ArgumentPath[]
}

/** What was found in the arguments of a call. */
export interface ArgumentInspection {
  readonly findings: readonly ArgumentFinding[]
  /** What it would run was looked into, all of it, and is harmless. */
  readonly harmless: boolean
  /** Every URL it would reach. */
  readonly urls: readonly string[]
}

/** How arguments are looked at. */
export type InspectionOptions = Pick<ToolGateOptions, 'shell' | 'url' | 'sql'> & {
  readonly root: string
}

/** Looks into the arguments of a call, each by what it holds. */
export function inspectArguments(
  tool: KnownTool,
  args: unknown,
  options: InspectionOptions,
): ArgumentInspection {
  const { texts, overflow } = argumentTexts(tool, args)
  const findings: ArgumentFinding[] = []
  if (overflow) findings.push(tooMuch)
  findings.push(...environmentFindings(tool, args))
  if (tool.toolClass === 'network-read' && tool.from !== 'declared') {
    for (const name of otherMethods(args)) findings.push({ ...otherMethod, paths: [[name]] })
  }
  const shell = {
    checkUrl: (url: string) => inspectUrl(url, options.url).findings[0]?.reason,
    checkSql: (sql: string) => inspectSql(sql, options.sql),
    ...options.shell,
  }
  const look = ({ kind, text }: ArgumentText): readonly Finding[] => {
    switch (kind) {
      case 'shell':
        return inspectShell(text, shell).findings
      case 'code':
        return codeFindings(
          languageOf(tool, args),
          text,
          (command) => inspectShell(command, shell).findings,
        )
      case 'sql':
        return inspectSql(text, options.sql).findings
      case 'url':
        return inspectUrl(addressOf(text), options.url).findings
      case 'path':
        return text === '' ? [] : inspectPath(text, { root: options.root }).findings
      default:
        return []
    }
  }
  for (const text of texts) {
    for (const finding of look(text)) findings.push({ ...finding, paths: text.paths })
  }
  const isRun = texts.some(({ kind }) => kind === 'shell' || kind === 'code' || kind === 'sql')
  const isExplained = texts.every(
    ({ kind, name }) => kind !== 'text' || explaining.test(snake(name)),
  )
  return {
    findings,
    harmless: runsWhatItIsGiven(tool) && findings.length === 0 && isRun && isExplained,
    urls: texts.flatMap(({ kind, text }) => (kind === 'url' ? [addressOf(text)] : [])),
  }
}

const tooMuch: ArgumentFinding = {
  paths: [],
  rule: 'arguments.too-much',
  verdict: 'ask',
  reason: 'The arguments hold more than can be looked into.',
}

/** The arguments by which a tool that fetches something by its words is told to do more than that. */
function otherMethods(args: unknown): readonly string[] {
  if (typeof args !== 'object' || args === null) return []
  return Object.entries(args).flatMap(([name, value]) =>
    /^(?:http_|request_)?(?:method|verb)$/.test(snake(name)) &&
    typeof value === 'string' &&
    /^\s*(?:post|put|patch|delete|connect)\s*$/i.test(value)
      ? [name]
      : [],
  )
}

const otherMethod: Finding = {
  rule: 'url.method',
  verdict: 'ask',
  reason: 'The request would change something.',
}

/** Code is looked at as what an interpreter is told to run. */
function codeFindings(
  language: ReturnType<typeof languageOf>,
  code: string,
  inspect: (command: string) => readonly Finding[],
): readonly Finding[] {
  if (language === 'shell') return inspect(code)
  if (language === 'python') return inspect(`python3 -c ${quoted(code)}`)
  if (language === 'javascript') return inspect(`node -e ${quoted(code)}`)
  return [
    {
      rule: 'code.unknown-language',
      verdict: 'ask',
      reason: 'Code whose language is not known cannot be looked into.',
    },
  ]
}

/** A host alone stands for its address. */
function addressOf(text: string): string {
  const given = text.trim()
  return /^[a-z][a-z\d+.-]*:/i.test(given) && !/^[\w.-]+:\d+(?:\/|$)/.test(given)
    ? given
    : `http://${given}`
}
