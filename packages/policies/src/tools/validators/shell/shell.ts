import { isIP } from 'node:net'
import {
  forEachChild,
  type HereDoc,
  type HereString,
  parse,
  type ParsedScript,
  type Redirection,
  type SyntaxNode,
  type Word,
} from 'unbash'
import { decide, type Decision, type Finding } from '../../decision.ts'
import { inspectSql } from '../sql/sql.ts'
import { hiddenCharacter } from './characters.ts'
import {
  type EffectiveCommand,
  type Inspection,
  noInput,
  type Stdin,
  unknownInput,
} from './command.ts'
import { checkWritten } from './files.ts'
import { isCredentialPath, normalize, placeOf } from './place.ts'
import { printing, ruleOf } from './programs.ts'
import { isSecretName } from './system.ts'
import { byVerbs } from './verbs.ts'
import {
  type Argument,
  literal,
  resolveParts,
  resolveText,
  resolveWord,
  type Scope,
} from './word.ts'
import { environment } from './wrappers.ts'

/** What a shell command may do. Everything has a default. */
export interface ShellOptions {
  /** Commands that pass without being asked for, as the start of their argument list: `['npm', 'install']`. */
  readonly allow?: readonly (readonly string[])[]
  /** Commands that are refused, in the same form. */
  readonly deny?: readonly (readonly string[])[]
  /** What happens to a program that no rule knows. `verbs` looks at its subcommands. @default 'verbs' */
  readonly unknownPrograms?: 'verbs' | 'ask'
  /** Hosts that commands may fetch from; without it any public host. */
  readonly hosts?: readonly string[]
  /** Commands in one input, nested ones included. @default 50 */
  readonly maxCommands?: number
  /** Scripts inside of scripts. @default 8 */
  readonly maxDepth?: number
  /** Longer inputs are asked for unread. @default 16384 */
  readonly maxLength?: number
  /** Looks at a URL that a command fetches; says what stands against it. */
  readonly checkUrl?: (url: string) => string | undefined
  /** Decides about SQL that a database client runs. */
  readonly checkSql?: (sql: string) => Decision
}

/**
 * Decides about a shell command by what it would run in the end: quotes, variables, substitutions, wrappers
 * (`sudo`, `env`, `xargs`, `find -exec`) and nested shells are taken off first.
 * A gate, not a sandbox: what cannot be told without running it is asked for, never allowed.
 */
export function inspectShell(input: string, options: ShellOptions = {}): Decision {
  const hidden = hiddenCharacter(input.length > 65_536 ? input.slice(0, 65_536) : input)
  if (hidden !== undefined) return decide([hidden])
  if (input.length > (options.maxLength ?? 16_384)) {
    return decide([
      {
        rule: 'shell.too-long',
        verdict: 'ask',
        reason: `The command has ${input.length} characters; put it in a script file.`,
      },
    ])
  }
  const inspector = new Inspector(options)
  inspector.script(input)
  return decide(inspector.findings)
}

class Inspector implements Inspection {
  readonly findings: Finding[] = []
  readonly #options: ShellOptions
  readonly #written = new Set<string>()
  #commands = 0
  #depth = 0
  #scope: Scope = { variable: () => undefined, output: () => undefined, splits: true }
  #stdin: Stdin = noInput

  constructor(options: ShellOptions) {
    this.#options = options
  }

  readonly ask = (rule: string, reason: string): void => this.#note(rule, 'ask', reason)
  readonly deny = (rule: string, reason: string): void => this.#note(rule, 'deny', reason)

  wrote(path: string): void {
    this.#written.add(normalize(path))
  }

  isNew(path: string): boolean {
    return this.#written.has(normalize(path))
  }

  #note(rule: string, verdict: 'ask' | 'deny', reason: string): void {
    if (this.findings.length < 20)
      this.findings.push({ rule, verdict, reason: reason.slice(0, 300) })
  }

  script(text: string, stdin: Stdin = noInput): void {
    if (this.#depth >= (this.#options.maxDepth ?? 8)) {
      this.ask('shell.too-deep', 'Commands are nested too deep to look into.')
      return
    }
    if (text.length > (this.#options.maxLength ?? 16_384)) {
      this.ask('shell.too-long', 'A nested script is too long to look into.')
      return
    }
    if ((text.match(/\$\(|`|[<>]\(/g)?.length ?? 0) > mostSubstitutions) {
      this.ask('shell.too-many', 'There are too many substitutions in one call.')
      return
    }
    const [outerScope, outerStdin] = [this.#scope, this.#stdin]
    this.#depth++
    let tree: ParsedScript | undefined
    try {
      tree = parse(text)
      this.#scope = scopeOf(tree, (script) => this.#output(script))
      this.#stdin = stdin
      this.#visit(tree)
    } catch {
      this.ask('shell.parse', 'The command is too long or too nested to be looked into.')
    } finally {
      this.#depth--
      this.#scope = outerScope
      this.#stdin = outerStdin
    }
  }

  command(argv: readonly Argument[], stdin: Stdin = noInput): void {
    if (this.#depth >= (this.#options.maxDepth ?? 8)) {
      this.ask('shell.too-deep', 'Commands are nested too deep to look into.')
      return
    }
    this.#depth++
    this.#judge({ argv, stdin })
    this.#depth--
  }

  url(text: string): string | undefined {
    const { hosts, checkUrl } = this.#options
    const against = checkUrl?.(text)
    if (against !== undefined) return against
    const address = /^[a-z][\w+.-]*:/i.test(text) ? text : `http://${text}`
    const scheme = /^([a-z][\w+.-]*):/i.exec(address)?.[1]?.toLowerCase() ?? ''
    if (!/^(?:https?|wss?|ftps?)$/.test(scheme))
      return `An address that begins with ${scheme}: is not fetched.`
    let host = ''
    try {
      host = new URL(address).hostname.toLowerCase()
    } catch {
      return 'The address cannot be read.'
    }
    if (isMetadataHost(host)) return `${host} hands out keys of this machine.`
    if (
      hosts !== undefined &&
      !hosts.some((allowed) => host === allowed || host.endsWith(`.${allowed}`))
    ) {
      return `${host} is not among the hosts that commands may reach.`
    }
    return undefined
  }

  sql(text: string): void {
    const decision = (this.#options.checkSql ?? inspectSql)(text)
    if (decision.decision !== 'allow') this.findings.push(...decision.findings)
  }

  #visit(node: SyntaxNode): void {
    if (this.#commands > (this.#options.maxCommands ?? 50)) return
    if ('errors' in node && node.errors !== undefined && node.errors.length > 0) {
      this.ask('shell.parse', `The command cannot be parsed: ${node.errors[0]?.message ?? ''}.`)
    }
    switch (node.type) {
      case 'Pipeline':
        this.#pipeline(node.commands)
        return
      case 'Command': {
        const stdin = this.#redirected(node.redirects, this.#stdin)
        this.#checkAssignments(node.prefix)
        this.#run(node, stdin)
        break
      }
      case 'Redirected':
        this.#within(this.#redirected(node.redirects, this.#stdin), () => this.#visit(node.command))
        for (const redirect of node.redirects) this.#visit(redirect)
        return
      case 'HereDoc':
        if (node.closing === undefined) this.ask('shell.parse', 'A here-document has no end.')
        break
      case 'ArithmeticCommand':
      case 'ArithmeticExpansion':
        if (node.expression === undefined) this.ask('shell.parse', 'The arithmetic cannot be read.')
        break
      case 'ProcessSubstitution':
        // What is written into `>(…)` is that script's input.
        this.#within(node.operator === '>' ? unknownInput : noInput, () => {
          if (node.script !== undefined) this.#visit(node.script)
        })
        return
      case 'Function':
        if (isForkBomb(node.name.text, node.body))
          this.deny('shell.fork-bomb', 'The function starts itself without end.')
        break
      case 'Script':
        for (const statement of node.commands) this.#visit(statement)
        return
      default:
    }
    forEachChild(node, (child) => this.#visit(child))
  }

  #within(stdin: Stdin, action: () => void): void {
    const outer = this.#stdin
    this.#stdin = stdin
    action()
    this.#stdin = outer
  }

  #pipeline(commands: readonly SyntaxNode[]): void {
    let stdin = this.#stdin
    for (const command of commands) {
      this.#within(stdin, () => this.#visit(command))
      const text = this.#outputOf(command, stdin)
      stdin = text === undefined ? unknownInput : { kind: 'text', text }
    }
  }

  #run(node: SyntaxNode & { type: 'Command' }, stdin: Stdin): void {
    const argv = this.#argv(node)
    if (argv.length === 0) return
    this.#judge({ argv, stdin })
  }

  #argv(node: SyntaxNode & { type: 'Command' }): Argument[] {
    const argv = node.name === undefined ? [] : [...resolveWord(node.name, this.#scope)]
    for (const argument of node.args) {
      if (argument.type === 'Word') argv.push(...resolveWord(argument, this.#scope))
      else
        argv.push(
          argument.value.type === 'Word'
            ? prefixed(`${argument.name}=`, resolveText(argument.value, this.#scope))
            : literal(argument.text),
        )
    }
    return argv
  }

  /** What a command reads from, after its redirections; each of them is looked at as well. */
  #redirected(redirects: readonly Redirection[], inherited: Stdin): Stdin {
    let stdin = inherited
    for (const redirect of redirects) {
      if (redirect.type === 'HereDoc') stdin = hereDocument(redirect, this.#scope)
      else if (redirect.type === 'HereString') stdin = hereString(redirect, this.#scope)
      else if (redirect.target !== undefined) {
        const target = resolveText(redirect.target, this.#scope)
        if (redirect.operator === '<' || redirect.operator === '<>') {
          stdin = unknownInput
          if (/^\/dev\/(?:tcp|udp)\//.test(target.text))
            this.deny(
              'shell.network-redirect',
              'A redirection from /dev/tcp opens a connection past every rule.',
            )
          else if (isCredentialPath(target.text))
            this.ask('shell.credential', `${target.text} holds keys.`)
          else if (!target.known && !isProcess(redirect.target))
            this.ask('shell.unresolved', `Which file is read depends on ${target.text}.`)
        }
        if (
          redirect.operator !== '<' &&
          !/^(?:\d+-?|-)$/.test(target.text) &&
          !isProcess(redirect.target)
        )
          checkWritten(target, this)
      }
    }
    return stdin
  }

  #checkAssignments(prefix: (SyntaxNode & { type: 'Command' })['prefix']): void {
    for (const part of prefix) {
      if (part.type !== 'Assignment') continue
      const value = part.value.type === 'Word' ? resolveText(part.value, this.#scope) : literal('')
      environment(`${part.name}=${value.text}`, this.ask)
    }
  }

  #judge(command: EffectiveCommand): void {
    const { argv } = command
    const [program] = argv
    if (program === undefined) return
    if (++this.#commands > (this.#options.maxCommands ?? 50)) {
      this.ask('shell.too-many', 'There are too many commands in one call; run fewer at a time.')
      return
    }
    if (argv.length > mostArguments) {
      this.ask('shell.too-many', 'There are too many arguments; use a file or a pattern.')
      return
    }
    if (!program.known || program.glob) {
      this.ask(
        'shell.unresolved',
        `Which program runs is only known when it runs: ${program.text}.`,
      )
      return
    }
    if (/[^\x20-\x7e]/.test(program.text)) {
      this.ask(
        'shell.hidden-character',
        `The name of the program ${program.text} is not plain ASCII.`,
      )
      return
    }
    const texts = argv.map(({ text }) => text)
    if (this.#options.deny?.some((start) => startsWith(texts, start)) === true) {
      this.deny('shell.denied', `${texts.slice(0, 2).join(' ')} is refused here.`)
      return
    }
    if (
      this.#options.allow?.some(
        (start) =>
          startsWith(texts, start) && argv.slice(0, start.length).every(({ known }) => known),
      ) === true
    )
      return
    const name = this.#programName(program.text)
    if (name === undefined) return
    const named = { ...command, argv: [literal(name), ...argv.slice(1)] }
    if (printing.has(name)) this.#checkPrinted(argv.slice(1))
    else if (name !== 'git' || !/^(?:commit|tag|log|grep|stash|notes|rm)$/.test(texts[1] ?? ''))
      this.#checkCredentials(argv.slice(1))
    const rule = ruleOf(name)
    if (rule !== undefined) rule(named, this)
    if (rule === undefined || name === 'doppler') this.#unknown(named)
  }

  /** The name that rules go by; undefined where the path itself has been judged. */
  #programName(path: string): string | undefined {
    if (!path.includes('/')) {
      if (
        path !== ':' &&
        path !== '.' &&
        path !== '[' &&
        path !== '[[' &&
        (!/^[\w+][\w+.@:-]*$/.test(path) || reserved.has(path))
      ) {
        this.ask('shell.unknown-program', `${path} is no name of a program.`)
        return undefined
      }
      return path
    }
    const base = path.replace(/^.*\//, '')
    if (
      /^(?:\/usr(?:\/local)?|\/opt\/homebrew|\/opt\/local)?\/s?bin\/[^/]+$/.test(path) ||
      /(?:^|\/)node_modules\/\.bin\/[^/]+$/.test(path)
    )
      return base
    if (placeOf(path) === 'project') {
      if (this.isNew(path)) {
        this.ask(
          'shell.unseen-script',
          `${path} is written and run in one go; write it, read it, then run it.`,
        )
      }
      if (ruleOf(base) !== undefined && base !== 'gradlew') return base
      return undefined
    }
    this.ask(
      'shell.foreign-script',
      `${path} lies outside of the project and of where programs are.`,
    )
    return base
  }

  #unknown(command: EffectiveCommand): void {
    if (this.#options.unknownPrograms === 'ask') {
      this.ask('shell.unknown-program', `No rule knows the program ${command.argv[0]?.text ?? ''}.`)
    } else byVerbs(command, this)
  }

  #checkCredentials(args: readonly Argument[]): void {
    for (const { text } of args) {
      if (text.length > 4096) continue
      const paths = [text, ...(/[=@:]/.test(text) ? text.split(/[=@:,]/) : [])]
      if (paths.some(isCredentialPath)) {
        this.ask('shell.credential', `${text.slice(0, 100)} holds keys or passwords.`)
        return
      }
    }
    this.#checkPrinted(args)
  }

  /** A variable that holds a key must not be printed or handed on. */
  #checkPrinted(args: readonly Argument[]): void {
    for (const { text, known } of args) {
      if (known) continue
      for (const [, name = ''] of text.matchAll(/\$\{?!?([A-Za-z_]\w*)/g)) {
        if (isSecretName(name)) {
          this.ask('shell.credential', `$${name} may hold a key.`)
          return
        }
      }
    }
  }

  /** What a substitution prints, where it is only an echo of plain words. */
  #output(script: ParsedScript): string | undefined {
    const [statement, ...more] = script.commands
    if (statement === undefined || more.length > 0 || (script.errors?.length ?? 0) > 0)
      return undefined
    return this.#outputOf(statement.command, noInput)?.replace(/\n+$/, '')
  }

  #outputOf(node: SyntaxNode, stdin: Stdin): string | undefined {
    if (node.type !== 'Command' || node.prefix.length > 0) return undefined
    if (node.redirects.some(({ type }) => type === 'Redirect')) return undefined
    const [program, ...args] = this.#argv(node)
    if (program?.known !== true || args.some(({ known, glob }) => !known || glob)) return undefined
    const texts = args.map(({ text }) => text)
    switch (program.text) {
      case 'echo':
        return echo(texts)
      case 'printf':
        return texts.length === 1 && !(texts[0] ?? '').includes('%')
          ? unescape(texts[0] ?? '')
          : undefined
      case 'ls':
      case 'find':
      case 'fd':
        return listsProject(program.text, texts) ? './*\n' : undefined
      case 'git':
        return texts[0] === 'ls-files' ? './*\n' : undefined
      case 'cat': {
        const input = node.redirects.length > 0 ? this.#redirected(node.redirects, stdin) : stdin
        return texts.length === 0 && input.kind === 'text' ? input.text : undefined
      }
      default:
        return undefined
    }
  }
}

/** `find .`, `ls src`: names of the project, nobody knows which. */
function listsProject(program: string, texts: readonly string[]): boolean {
  if (
    texts.some(
      (text) =>
        /^-(?:exec|ok|delete|f?printf?$|fls|-exec|x$|X$)/.test(text) && !/^-print0?$/.test(text),
    )
  )
    return false
  const starts =
    program === 'find'
      ? texts.slice(
          0,
          Math.max(
            0,
            texts.findIndex((text) => /^[-(!]/.test(text)),
          ),
        )
      : texts.filter((text) => !text.startsWith('-'))
  return starts.every((text) => placeOf(text) === 'project')
}

function echo(texts: readonly string[]): string | undefined {
  let rest = texts
  let escapes = false
  while (/^-[neE]+$/.test(rest[0] ?? '')) {
    if ((rest[0] ?? '').includes('e')) escapes = true
    rest = rest.slice(1)
  }
  const text = rest.join(' ')
  return escapes ? unescape(text) : `${text}\n`
}

/** The escapes of `printf` and `echo -e`; anything unusual stays unknown. */
function unescape(text: string): string | undefined {
  if (/\\[^\\nt"'xr0-7]/.test(text)) return undefined
  return text.replace(
    /\\(?:x([\da-fA-F]{1,2})|0?([0-7]{1,3})|(.))/g,
    (_whole, hex?: string, octal?: string, plain?: string) => {
      if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16))
      if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8) & 255)
      return { n: '\n', t: '\t', r: '\r' }[plain ?? ''] ?? plain ?? ''
    },
  )
}

function startsWith(texts: readonly string[], start: readonly string[]): boolean {
  return start.length > 0 && start.every((word, index) => texts[index] === word)
}

function prefixed(prefix: string, argument: Argument): Argument {
  return { ...argument, text: prefix + argument.text }
}

function isProcess(word: Word): boolean {
  return word.parts?.length === 1 && word.parts[0]?.type === 'ProcessSubstitution'
}

function hereDocument(redirect: HereDoc, scope: Scope): Stdin {
  const body = resolveParts(
    redirect.delimiter?.quoted === true ? undefined : redirect.body.parts,
    redirect.body.text,
    scope,
  )
  return body.known ? { kind: 'text', text: body.text } : unknownInput
}

function hereString(redirect: HereString, scope: Scope): Stdin {
  const text = redirect.target === undefined ? undefined : resolveText(redirect.target, scope)
  return text?.known === true ? { kind: 'text', text: `${text.text}\n` } : unknownInput
}

/** Hosts that hand the keys of a machine to whoever asks. */
export function isMetadataHost(host: string): boolean {
  const plain = host.replace(/^\[|\]$/g, '').replace(/\.$/, '')
  return (
    /^(?:169\.254\.\d+\.\d+|100\.100\.100\.200|192\.0\.0\.192|metadata|metadata\.google\.internal|metadata\.goog|instance-data|instance-data\.ec2\.internal|rancher-metadata|metadata\.azure\.internal|fd00:ec2::254|fd20:ce::254)$/.test(
      plain,
    ) ||
    (isIP(plain) === 6 && /(?:a9fe:|^fe80:)/.test(plain))
  )
}

/** Words of the shell: as the name of a program they mean that the text was read in another way than the shell will. */
const reserved = new Set(
  'if then else elif fi do done case esac while until for in select function time coproc'.split(
    ' ',
  ),
)

/** Variables that mean the same everywhere. */
const wellKnown: Readonly<Record<string, string>> = {
  HOME: '~',
  TMPDIR: '/tmp',
  PWD: '.',
  TMP: '/tmp',
  TEMP: '/tmp',
}

const mostSubstitutions = 200
const mostNodes = 3000
const mostLevels = 150
const mostArguments = 300

/** The variables of a script: one that is set twice, or by anything but a plain assignment, is not known. */
function scopeOf(tree: ParsedScript, output: Scope['output']): Scope {
  const values = new Map<string, Word | string | undefined>()
  const set = (name: string, value: Word | string | undefined) =>
    values.set(name, values.has(name) ? undefined : value)
  let nodes = 0
  const collect = (node: SyntaxNode, depth: number): void => {
    // Past this nobody reads it either, and the walk would take long.
    if (++nodes > mostNodes || depth > mostLevels) throw new Error('too much')
    if (node.type === 'Assignment') {
      set(
        node.name,
        node.value.type === 'Word' && node.append !== true && node.index === undefined
          ? node.value
          : undefined,
      )
    } else if (node.type === 'For' || node.type === 'Select') {
      set(node.name.text, node.type === 'For' ? loopValue(node.wordlist) : undefined)
    } else if (
      node.type === 'Command' &&
      /^(?:read|printf|mapfile|readarray|getopts|let|unset|eval|source|\.)$/.test(
        node.name?.value ?? '',
      )
    ) {
      for (const argument of node.args) {
        if (argument.type === 'Word' && /^[A-Za-z_]\w*$/.test(argument.value))
          set(argument.value, undefined)
      }
    }
    forEachChild(node, (child) => collect(child, depth + 1))
  }
  collect(tree, 0)
  const resolving = new Set<string>()
  const scope: Scope = {
    output,
    splits: !values.has('IFS'),
    variable(name) {
      if (!values.has(name)) return wellKnown[name]
      const value = values.get(name)
      if (value === undefined || typeof value === 'string') return value
      // A variable that is made of itself, or of others that are made of it, grows without end.
      if (resolving.has(name) || resolving.size > 8) return undefined
      resolving.add(name)
      const text = resolveText(value, scope)
      resolving.delete(name)
      return text.known && text.text.length <= 4096 ? text.text : undefined
    },
  }
  return scope
}

/** A loop over plain relative names stands for any one of them. */
function loopValue(list: readonly Word[] | undefined): string | undefined {
  if (list === undefined || list.length === 0) return undefined
  const plain = list.every(
    ({ text, value }) =>
      /^[\w.][\w./*?-]*$/.test(text) &&
      text === value &&
      placeOf(text) === 'project' &&
      !/^\.?\*?$/.test(text),
  )
  return plain ? list[0]?.value : undefined
}

/** `:(){ :|:& };:`: a function that starts itself in a pipe or in the background. */
function isForkBomb(name: string, body: SyntaxNode): boolean {
  let calls = 0
  let spreads = false
  const look = (node: SyntaxNode): void => {
    if (node.type === 'Command' && node.name?.value === name) calls++
    if (node.type === 'Pipeline' || (node.type === 'Statement' && node.background === true))
      spreads = true
    forEachChild(node, look)
  }
  look(body)
  return calls > 0 && spreads
}
