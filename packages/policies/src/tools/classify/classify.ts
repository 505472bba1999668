import { type ToolClass, unknownToolClass } from './tool-class.ts'
import { type Action, actionOf, type Subject, subjectsOf, wordsOf } from './vocabulary.ts'

/** What is known about a tool. */
export interface ToolFacts {
  readonly name: string
  readonly description?: string | undefined
  /** JSON Schema of the arguments, or only its properties. */
  readonly parameters?: unknown
  /** What the application says about its own tool; believed. */
  readonly toolClass?: ToolClass | undefined
}

/** A tool's class and how it was found. */
export interface Classification {
  readonly toolClass: ToolClass
  /** `declared` by the application, `recognised` by words, or `unknown`: it counts as the most dangerous. */
  readonly from: 'declared' | 'recognised' | 'unknown'
}

/** The class of a tool: as declared, else by its name, description and parameters, else the most dangerous one. */
export function classifyTool(tool: ToolFacts): Classification {
  if (tool.toolClass !== undefined) return { toolClass: tool.toolClass, from: 'declared' }
  const toolClass = asDescribed(tool, recognise(tool))
  return toolClass === undefined
    ? { toolClass: unknownToolClass, from: 'unknown' }
    : { toolClass, from: 'recognised' }
}

/** A name that only reads does not outweigh a description that begins with doing something. */
function asDescribed(tool: ToolFacts, byName: ToolClass | undefined): ToolClass | undefined {
  const { description = '', parameters } = tool
  if (byName !== 'read-only' || !doing.test(description)) return byName
  const [said = ''] = description.slice(0, 200).split(/[.;:,(\n]/, 1)
  return recognise({ name: said.trim().replaceAll(/\s+/g, '_'), parameters })
}

const doing =
  /^\s*(?:(?:execute|run)s?\s[^.;:,(\n]*\b(?:shell|bash|commands?|code|scripts?|programs?)\b|(?:delete|remove|drop|destroy|erase|send|transfer|pay|refund|charge|write|overwrite)s?\s)/i

interface Reading {
  readonly name: readonly string[]
  readonly parameters: readonly string[]
  readonly action: Action | undefined
  /** What the name is about; where it is about nothing, what the description and the parameters are about. */
  readonly about: ReadonlySet<Subject>
  /** What any of the three is about. */
  readonly mentions: ReadonlySet<Subject>
  readonly text: string
}

function recognise(tool: ToolFacts): ToolClass | undefined {
  const reading = readTool(tool)
  for (const rule of rules) {
    const found = rule(reading)
    if (found !== undefined) return found
  }
  return undefined
}

function readTool({ name, description = '', parameters }: ToolFacts): Reading {
  const nameWords = wordsOf(name.slice(0, 200))
  const descriptionWords = wordsOf(description.slice(0, 2000))
  const properties = propertiesOf(parameters)
  const parameterWords = Object.keys(properties)
    .slice(0, 100)
    .flatMap((parameter) => wordsOf(parameter.slice(0, 100)))
  const fromName = subjectsOf(nameWords)
  const fromRest = subjectsOf([...descriptionWords, ...parameterWords])
  const actions = nameWords.map(actionOf)
  // `find_and_delete`: what comes after looking counts.
  const after = nameWords
    .slice(1)
    .find((word) => /^(?:replace|delete|remove|create|write|drop|destroy)$/.test(word))
  // A name that begins with a noun (`files_delete`) has its verb later; one without a verb has it in the description.
  const first =
    actions.find((one) => one !== undefined && one !== 'manage') ??
    descriptionWords.slice(0, 4).map(actionOf).find(Boolean) ??
    actions.find(Boolean)
  const action = first === 'read' && after !== undefined ? (actionOf(after) ?? first) : first
  return {
    name: nameWords,
    parameters: parameterWords,
    action,
    about: fromName.size > 0 ? fromName : fromRest,
    mentions: new Set([...fromName, ...fromRest]),
    text: `${name.slice(0, 200)} ${description.slice(0, 2000)} ${JSON.stringify(properties).slice(0, 4000)}`.toLowerCase(),
  }
}

function propertiesOf(parameters: unknown): Readonly<Record<string, unknown>> {
  if (typeof parameters !== 'object' || parameters === null) return {}
  const { properties } = parameters as { properties?: unknown }
  return (
    typeof properties === 'object' && properties !== null ? properties : parameters
  ) as Readonly<Record<string, unknown>>
}

type Rule = (reading: Reading) => ToolClass | undefined

const includes = (list: readonly string[], ...wanted: readonly string[]) =>
  wanted.some((word) => list.includes(word))

/** The most dangerous thing that a tool for many actions can do to what it works on. */
function worstFor(about: ReadonlySet<Subject>): ToolClass | undefined {
  if (about.has('money')) return 'payment'
  if (about.has('secret')) return 'credential'
  if (about.has('identity')) return 'identity-admin'
  if (about.has('infrastructure')) return 'infra-destructive'
  if (about.has('code')) return 'exec'
  if (about.has('sql')) return 'db-destructive'
  if (about.has('file')) return 'file-destructive'
  if (about.has('message')) return 'communication'
  if (about.has('web') || about.has('remote')) return 'network-write'
  if (about.has('database')) return 'db-destructive'
  return about.has('repository') ? 'file-destructive' : undefined
}

// A rule answers or passes on; the first answer counts. Narrow ones come first.
const rules: readonly Rule[] = [
  // One tool for many actions is as dangerous as the worst of them.
  ({ action, text, about, parameters }) => {
    const many =
      action === 'manage' ||
      (action === undefined &&
        includes(parameters, 'action', 'op', 'operation', 'method', 'mode', 'command'))
    const listed =
      /\b(?:action|op|operation|method|mode|command)s?\b[^.]{0,40}?[:("[\s]+[a-z_"', |/]*\b(?:delete|remove|drop|destroy|purge|write|update|create|add|put|post)\b/.test(
        text,
      )
    const onlyReads =
      /\b(?:action|op|operation|mode)\b[^.]{0,40}?(?:list|get|read|search)/.test(text) && !listed
    if ((!many && !listed) || (onlyReads && !many)) return undefined
    return listed || many ? (worstFor(about) ?? undefined) : undefined
  },
  // Said to be read-only, and named after reading or asking.
  ({ action, text, about }) =>
    /\bread[- ]?only\b|\bselect(?:s|ing)? only\b|\bdoes not (?:change|modify)\b|\bno side effects?\b/.test(
      text,
    ) &&
    !/\bnot read[- ]?only\b/.test(text) &&
    (action === 'read' || action === undefined || about.has('sql'))
      ? 'read-only'
      : undefined,
  // A draft is a file until somebody sends it.
  ({ name, text }) =>
    name.includes('draft') || /\b(?:not sent|without sending|does not send)\b/.test(text)
      ? 'file-write'
      : undefined,
  // Passwords and second factors of people, before keys of programs.
  ({ name, action, about }) =>
    (includes(name, 'password', 'mfa', '2fa', 'totp') &&
      includes(
        name,
        'reset',
        'change',
        'set',
        'disable',
        'enable',
        'enroll',
        'remove',
        'update',
        'force',
      )) ||
    (about.has('identity') &&
      (action === 'write' || action === 'destroy') &&
      !about.has('secret') &&
      !/\b(?:note|notes|tag|preference|preferences|profile picture|story)\b/.test(name.join(' ')) &&
      (!about.has('message') || !name.includes('group')) &&
      !includes(name, 'bank'))
      ? 'identity-admin'
      : undefined,
  ({ name }) =>
    includes(
      name,
      'approve',
      'grant',
      'revoke',
      'impersonate',
      'promote',
      'demote',
      'ban',
      'unban',
      'suspend',
      'deprovision',
      'provision',
      'sudo',
      'elevate',
      'assume',
      'unlock',
    ) &&
    includes(
      name,
      'role',
      'roles',
      'permission',
      'permissions',
      'access',
      'user',
      'users',
      'member',
      'admin',
      'account',
      'privilege',
      'privileges',
      'acl',
      'group',
      'owner',
      'scope',
      'scopes',
      'policy',
      'iam',
      'sudo',
    )
      ? 'identity-admin'
      : undefined,
  ({ name }) =>
    name[0] === 'invite' && includes(name, 'user', 'member', 'collaborator', 'admin')
      ? 'identity-admin'
      : undefined,
  // Keys, whatever is done with them.
  ({ name, text, about, action }) => {
    const keyed =
      /\b(?:api|access|private|ssh|secret|signing|encryption|deploy|host|license|gpg|kms|master|service)[_ -]?keys?\b|\b(?:api|access|auth|bearer|refresh|session|oauth|id|personal[_ -]access|bot|service)[_ -]?tokens?\b|environment variables?/.test(
        wordsText(name, text),
      )
    const secret =
      subjectsOf(name).has('secret') ||
      keyed ||
      (name.length > 0 &&
        /^(?:get|read|list|create|rotate|revoke|generate|issue|refresh|mint|fetch) (?:keys?|tokens?)$/.test(
          name.join(' '),
        ))
    return (secret || (about.has('secret') && action !== 'send')) &&
      !includes(name, 'count', 'max', 'limit', 'tokenize', 'cookie')
      ? 'credential'
      : undefined
  },
  // Money, unless it is only looked at.
  ({ name, action, about, text }) => {
    if (includes(name, 'git')) return undefined
    if (
      action === 'read' &&
      !includes(name, 'pay', 'charge', 'refund', 'purchase', 'buy', 'sell', 'book')
    )
      return undefined
    const pays =
      action === 'pay' ||
      includes(
        name,
        'pay',
        'charge',
        'refund',
        'purchase',
        'buy',
        'sell',
        'checkout',
        'withdraw',
        'payout',
        'payment',
        'donate',
        'wire',
        'remit',
      )
    if (pays && !/\bcharge (?:a |the )?(?:battery|car|phone|device)\b/.test(text)) return 'payment'
    if (
      includes(name, 'transfer', 'send', 'move') &&
      (about.has('money') || /\b(?:money|funds?|amount|iban|usd|eur)\b/.test(text)) &&
      !subjectsOf(name).has('message')
    )
      return 'payment'
    if (
      includes(name, 'book', 'reserve', 'order', 'place') &&
      (about.has('money') ||
        /\b(?:flight|hotel|ticket|trip|order|car|room|ride|pizza|food|groceries)\b/.test(
          name.join(' '),
        )) &&
      action !== 'destroy'
    )
      return 'payment'
    return about.has('money') && subjectsOf(name).has('money') && !includes(name, 'draft')
      ? 'payment'
      : undefined
  },
  // A language or a shell to run something in.
  ({ name, action, text, about }) => {
    if (
      includes(
        name,
        'mouse',
        'keyboard',
        'computer',
        'desktop',
        'agent',
        'subagent',
        'delegate',
        'handoff',
      ) &&
      action !== 'read'
    )
      return 'exec'
    const named = includes(
      name,
      'shell',
      'bash',
      'zsh',
      'powershell',
      'terminal',
      'cmd',
      'exec',
      'eval',
      'subprocess',
      'pty',
      'repl',
      'interpreter',
      'notebook',
      'jupyter',
      'ssh',
      'sandbox',
      'cron',
      'crontab',
      'python',
      'javascript',
      'applescript',
      'autogui',
    )
    const sqlLike = about.has('sql') || /\b(?:sql|migrations?)\b/.test(text)
    if (action === 'run' && sqlLike) return 'db-destructive'
    if (
      named &&
      !sqlLike &&
      (action === 'run' ||
        action === undefined ||
        /\b(?:execut|run|interactive|evaluat|command)/.test(text)) &&
      !/^(?:search|find|explain|read|list|lint|format|get|view)$/.test(name[0] ?? '')
    )
      return 'exec'
    if (includes(name, 'schedule', 'create', 'add') && includes(name, 'job', 'jobs', 'cron'))
      return 'exec'
    if (
      includes(name, 'kill', 'install', 'pip', 'npm', 'yarn', 'brew', 'apt', 'compile') &&
      !includes(name, 'search', 'list', 'publish', 'info', 'view', 'audit')
    )
      return 'exec'
    return undefined
  },
  // SQL of any kind, unless it was said to be read-only above.
  ({ about, text, action, name }) => {
    if (
      !about.has('sql') &&
      !(/\bsql\b/.test(text) && /\b(?:quer|statement|execut|run)/.test(text))
    )
      return undefined
    if (/\b(?:explain|validate|format|generate|lint|translate)\b/.test(name.join(' ')))
      return 'read-only'
    return action === 'read' && /\bselect\b/.test(text) ? 'read-only' : 'db-destructive'
  },
  // Machines, services and things of the physical world.
  ({ name, action, about, text }) => {
    const things =
      subjectsOf(name).has('infrastructure') ||
      (about.has('infrastructure') && !about.has('file') && !about.has('database'))
    const physical =
      /\b(?:thermostat|door|locks?|unlock|lights?|lamp|garage|alarm|device|robot|drone|valve|pump|heater|oven|switch|hvac|vehicle|smart home|temperature setpoint)\b/.test(
        text,
      )
    if (
      includes(
        name,
        'deploy',
        'redeploy',
        'rollback',
        'reboot',
        'restart',
        'shutdown',
        'failover',
        'undeploy',
        'scale',
        'autoscale',
        'terraform',
        'kubectl',
        'helm',
        'ansible',
        'pulumi',
      ) &&
      action !== 'read' &&
      !includes(name, 'list', 'get', 'plan', 'status', 'describe', 'show', 'logs', 'diff')
    )
      return 'infra-destructive'
    if (!things || (action === 'read' && !includes(name, 'open'))) return undefined
    if (physical) return 'infra-destructive'
    if (includes(name, 'upload', 'download') || /^.*\bupload/.test(text.slice(0, 120)))
      return undefined
    if (action === 'run' && !includes(name, 'start', 'stop', 'launch', 'trigger')) return undefined
    return about.has('message') && subjectsOf(name).has('message') ? undefined : 'infra-destructive'
  },
  // Something that is said to somebody.
  ({ name, action, about, text }) => {
    const object = subjectsOf(name)
    const looks = action === 'read' || includes(name, 'read', 'list', 'get', 'search')
    if (looks) return undefined
    if (
      action === 'send' &&
      !(
        includes(name, 'request', 'http', 'webhook', 'form', 'api') &&
        includes(name, 'post', 'send', 'call')
      )
    ) {
      return includes(name, 'delete', 'remove') ? 'db-destructive' : 'communication'
    }
    if (
      action === 'write' &&
      (object.has('message') || /\b(?:invitees?|attendees|recipients?|invites?)\b/.test(text)) &&
      !object.has('file')
    )
      return 'communication'
    return action === 'write' && about.has('message') && object.size === 0
      ? 'communication'
      : undefined
  },
  // What goes to others over the network.
  ({ name, action, about, text }) => {
    const object = subjectsOf(name)
    if (includes(name, 'browser', 'page', 'playwright', 'puppeteer', 'selenium')) {
      if (
        includes(
          name,
          'click',
          'type',
          'fill',
          'submit',
          'press',
          'select',
          'drag',
          'upload',
          'evaluate',
          'tap',
          'key',
          'input',
          'check',
          'run',
          'execute',
          'script',
        )
      )
        return 'network-write'
      if (includes(name, 'screenshot', 'snapshot', 'console', 'close', 'tabs', 'wait', 'pdf'))
        return 'read-only'
      if (action === 'read' || includes(name, 'open', 'goto', 'go', 'back', 'forward'))
        return 'network-read'
    }
    if (
      (includes(name, 'webhook', 'upload', 'publish', 'submit', 'push') ||
        (action === 'write' && /\bupload/.test(text.slice(0, 120)))) &&
      action !== 'read' &&
      !object.has('database')
    )
      return 'network-write'
    if (
      includes(name, 'http', 'request', 'curl', 'rest', 'graphql', 'api') &&
      !includes(name, 'get', 'fetch', 'read', 'head', 'list', 'docs') &&
      !/\bget request/.test(text) &&
      !object.has('database')
    )
      return 'network-write'
    if (
      (object.has('remote') || (object.size === 0 && about.has('remote'))) &&
      action !== undefined &&
      action !== 'read'
    )
      return 'network-write'
    return undefined
  },
  // Files and working copies.
  ({ name, action, about, parameters, text }) => {
    const object = subjectsOf(name)
    const saves =
      (includes(name, 'download', 'save', 'export') ||
        (action === 'read' && /\bsaves?\b|\bto disk\b/.test(text))) &&
      includes(parameters, 'path', 'file', 'filename', 'destination', 'output', 'dir', 'folder')
    const exports =
      includes(name, 'export') && /\b(?:file|csv|xlsx?|pdf|disk)\b/.test(wordsText(name, text))
    if (saves || exports) return 'file-write'
    if (includes(name, 'git')) {
      if (
        includes(
          name,
          'reset',
          'clean',
          'restore',
          'checkout',
          'rebase',
          'rm',
          'delete',
          'revert',
          'force',
        )
      )
        return 'file-destructive'
      return action === 'read' || includes(name, 'status', 'diff', 'log', 'show', 'blame')
        ? 'read-only'
        : 'file-write'
    }
    const files =
      object.has('file') ||
      (object.size === 0 && about.has('file')) ||
      (about.has('repository') && object.has('repository'))
    if (!files) return undefined
    if (action === 'destroy') return 'file-destructive'
    if (action === 'write') return 'file-write'
    return action === 'read' ? 'read-only' : undefined
  },
  // Everything else by its verb.
  ({ name, action, about, mentions, text }) => {
    switch (action) {
      case 'destroy':
        return 'db-destructive'
      case 'write':
        return includes(name, 'migration', 'migrate', 'restore') ? 'db-destructive' : 'db-write'
      case 'send':
        return 'communication'
      case 'pay':
        return 'payment'
      case 'run':
        return 'exec'
      case 'read': {
        const local = subjectsOf(name)
        const rated =
          includes(name, 'price', 'prices', 'rate', 'rates', 'quote') &&
          includes(
            name,
            'stock',
            'stocks',
            'exchange',
            'crypto',
            'share',
            'shares',
            'currency',
            'fuel',
          )
        if (rated || includes(name, 'ip', 'dns', 'ping', 'whois', 'traceroute', 'domain'))
          return 'network-read'
        const outside =
          local.has('web') ||
          (about.has('web') && !local.has('database') && !local.has('file')) ||
          (mentions.has('web') && /\b(?:web|internet|online|url|http)\b/.test(text))
        const inside =
          local.has('file') ||
          local.has('database') ||
          local.has('message') ||
          local.has('identity') ||
          local.has('money') ||
          includes(name, 'code', 'screenshot', 'vector')
        return outside && !(inside && !local.has('web')) ? 'network-read' : 'read-only'
      }
      default:
        return undefined
    }
  },
]

function wordsText(name: readonly string[], text: string): string {
  return `${name.join(' ')} ${text.replace(/\{.*$/s, '')}`
}
