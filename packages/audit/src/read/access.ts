import type {
  AuditPermission,
  AuditRow,
  ConfigurationLoaded,
  DecisionMade,
  ToolStarted,
} from '../entry.ts'

/** How one agent has used one tool. */
export interface ToolAccess {
  /** Empty for calls that no agent owns up to. */
  readonly agent: string
  readonly tool: string
  /** The class that the gate has seen in it. */
  readonly toolClass: string | undefined
  /** How often it ran. */
  readonly runs: number
  /** How many of these failed. */
  readonly failed: number
  /** How often it was kept from running, or somebody was asked first. */
  readonly denied: number
  readonly asked: number
  /** Kinds of data that took part: `email`, `iban`. */
  readonly data: readonly string[]
  /** How many users it was for. */
  readonly users: number
  /** ISO 8601. */
  readonly lastAt: string
}

/** How often a rule has decided. */
export interface RuleUse {
  readonly policy: string
  readonly rule: string
  readonly times: number
  readonly lastAt: string
}

/** Data of a kind that took part in what an agent did. */
export interface DataUse {
  readonly agent: string
  readonly kind: string
  readonly times: number
  readonly lastAt: string
}

/** Tools that an agent may use, and never did. */
export interface UnusedPermission {
  readonly rule: string
  readonly agents: readonly string[] | undefined
  readonly tool: string
}

/** Who used what. */
export interface AccessReport {
  /** The most used first. */
  readonly tools: readonly ToolAccess[]
  readonly data: readonly DataUse[]
  readonly rules: readonly RuleUse[]
  /** Permissions of the newest configuration that nobody has made use of. */
  readonly unusedPermissions: readonly UnusedPermission[]
  /** Rules of the newest configuration that have never decided anything. */
  readonly unusedRules: readonly string[]
}

export interface AccessQuery {
  /** ISO 8601: rows of before do not count. */
  readonly since?: string | undefined
  readonly agent?: string | undefined
}

/** Counts who used which tool and which data, and which rules decided. */
export function accessOf(
  rows: Iterable<AuditRow>,
  { since = '', agent }: AccessQuery = {},
): AccessReport {
  const tools = new Map<string, Counted>()
  const rules = new Map<string, RuleUse>()
  /** Which tool a call ran, until it has ended. */
  const running = new Map<string, Counted>()
  /** Kinds of data that were seen in a call, whatever the decision was about. */
  const dataOf = new Map<string, readonly string[]>()
  const kinds = new Map<string, DataUse>()
  let configured: Pick<ConfigurationLoaded, 'rules' | 'permissions'> & { at: string } = {
    at: '',
    rules: [],
    permissions: [],
  }

  for (const row of rows) {
    if (row.kind === 'configuration-loaded') {
      // What holds now counts, however long ago it was loaded.
      if (row.at >= configured.at) configured = row
      continue
    }
    if (row.at < since) continue
    if (row.kind === 'tool-ended') {
      const tool = running.get(row.call)
      running.delete(row.call)
      if (tool !== undefined && row.outcome === 'failed') tool.failed++
    } else if (row.kind === 'tool-started' && isWanted(row)) {
      const tool = toolOf(row)
      tool.runs++
      for (const kind of dataOf.get(row.call) ?? []) tool.data.add(kind)
      running.set(row.call, tool)
    } else if (row.kind === 'decision-made' && isWanted(row)) {
      countRule(row)
      countData(row)
      if (row.subject === 'tool') countDecision(toolOf(row), row)
    }
  }

  const used = [...tools.values()]
  return {
    tools: used
      .map(({ users, data, ...counted }) => ({
        ...counted,
        users: users.size,
        data: [...data].toSorted(),
      }))
      .toSorted((a, b) => b.runs - a.runs || (a.tool < b.tool ? -1 : 1)),
    data: [...kinds.values()].toSorted((a, b) => b.times - a.times),
    rules: [...rules.values()].toSorted((a, b) => b.times - a.times),
    unusedPermissions: unusedPermissions(configured.permissions, used, agent),
    unusedRules: unused(configured.rules, rules),
  }

  function isWanted(row: ToolStarted | DecisionMade): boolean {
    return agent === undefined || row.agent === agent
  }

  function toolOf(row: (ToolStarted | DecisionMade) & { readonly at: string }): Counted {
    const key = `${row.agent ?? ''}\n${row.name}`
    let counted = tools.get(key)
    if (counted === undefined) {
      counted = {
        agent: row.agent ?? '',
        tool: row.name,
        toolClass: undefined,
        runs: 0,
        failed: 0,
        denied: 0,
        asked: 0,
        data: new Set(),
        users: new Set(),
        lastAt: row.at,
      }
      tools.set(key, counted)
    }
    if (row.user !== undefined) counted.users.add(row.user)
    if (row.at > counted.lastAt) counted.lastAt = row.at
    return counted
  }

  function countData({
    data = [],
    call,
    agent: owner = '',
    at,
  }: DecisionMade & { at: string }): void {
    if (data.length === 0) return
    dataOf.set(call, [...(dataOf.get(call) ?? []), ...data])
    for (const kind of data) {
      const key = `${owner}\n${kind}`
      const before = kinds.get(key)
      const lastAt = before !== undefined && before.lastAt > at ? before.lastAt : at
      kinds.set(key, { agent: owner, kind, times: (before?.times ?? 0) + 1, lastAt })
    }
  }

  function countRule({ policy, rule, at }: DecisionMade & { readonly at: string }): void {
    const key = `${policy}\n${rule}`
    const before = rules.get(key)
    const lastAt = before !== undefined && before.lastAt > at ? before.lastAt : at
    rules.set(key, { policy, rule, times: (before?.times ?? 0) + 1, lastAt })
  }
}

/** Counted up while the log is read. */
interface Counted {
  agent: string
  tool: string
  toolClass: string | undefined
  runs: number
  failed: number
  denied: number
  asked: number
  data: Set<string>
  users: Set<string>
  lastAt: string
}

function countDecision(tool: Counted, { verdict, enforced, toolClass, data }: DecisionMade): void {
  if (toolClass !== undefined) tool.toolClass = toolClass
  for (const kind of data ?? []) tool.data.add(kind)
  if (!enforced) return
  if (verdict === 'deny') tool.denied++
  else if (verdict === 'ask') tool.asked++
}

/** Of one agent only what is said of that agent, or of all. */
function unusedPermissions(
  permissions: readonly AuditPermission[],
  used: readonly Counted[],
  agent: string | undefined,
): UnusedPermission[] {
  return permissions.flatMap(({ rule, agents, tools }) => {
    const isAbout = (name: string): boolean => agents?.some((glob) => fits(glob, name)) ?? true
    if (agent !== undefined && !isAbout(agent)) return []
    const ran = used.filter((use) => use.runs > 0 && isAbout(use.agent))
    return tools
      .filter(
        (glob) => !ran.some((use) => fits(glob, use.tool) || fits(glob, `class:${use.toolClass}`)),
      )
      .map((tool) => ({ rule, agents, tool }))
  })
}

/** `*` stands for anything; upper and lower case are the same. */
function fits(glob: string, text: string): boolean {
  const name = text.toLowerCase()
  const [first = '', ...rest] = glob.toLowerCase().split('*')
  if (rest.length === 0) return first === name
  if (!name.startsWith(first)) return false
  const last = rest.pop() ?? ''
  let at = first.length
  for (const piece of rest) {
    const found = name.indexOf(piece, at)
    if (found < 0) return false
    at = found + piece.length
  }
  return name.length - last.length >= at && name.endsWith(last)
}

function unused(configured: readonly string[], used: ReadonlyMap<string, RuleUse>): string[] {
  const names = new Set([...used.values()].map(({ rule }) => rule))
  return configured.filter((rule) => !names.has(rule))
}
