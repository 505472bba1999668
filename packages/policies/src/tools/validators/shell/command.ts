import { type Argument, literal } from './word.ts'

/** What a command reads from: the terminal, a text that is known, or something that only shows when it runs. */
export type Stdin =
  | { readonly kind: 'none' }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'unknown' }

/** A command as the system will run it, whatever it was wrapped in. */
export interface EffectiveCommand {
  /** The program and its arguments, after quoting and expansion. */
  readonly argv: readonly Argument[]
  readonly stdin: Stdin
}

/** What a rule may do while it looks at a command. */
export interface Inspection {
  /** Notes that something must be asked for. */
  readonly ask: (rule: string, reason: string) => void
  /** Notes that something must not happen. */
  readonly deny: (rule: string, reason: string) => void
  /** Notes a file that this command writes, so that nobody runs it unseen afterwards. */
  wrote(path: string): void
  /** True for a file that the same input has written. */
  isNew(path: string): boolean
  /** Looks at another command that this one runs. */
  command(argv: readonly Argument[], stdin?: Stdin): void
  /** Looks at a shell script that this command runs. */
  script(text: string, stdin?: Stdin): void
  /** Decides about a URL that a command fetches; undefined where nothing stands against it. */
  url(text: string): string | undefined
  /** Decides about an SQL text that a client runs. */
  sql(text: string): void
}

/** Looks at the arguments of one program. */
export type Rule = (command: EffectiveCommand, inspection: Inspection) => void

export const noInput: Stdin = { kind: 'none' }
export const unknownInput: Stdin = { kind: 'unknown' }

/** Splits a command line that a program splits itself (`env -S`), without a shell's expansions. */
export function splitPlain(text: string): readonly Argument[] {
  return (text.match(/"[^"]*"|'[^']*'|\S+/g) ?? []).map((word) =>
    literal(word.replace(/^(["'])(.*)\1$/s, '$2')),
  )
}

/** Options and operands of a command. */
export interface Options {
  /** True where an option was given: by its letter, its long name or an unambiguous start of it. */
  has(...names: readonly string[]): boolean
  /** The values of an option. */
  values(...names: readonly string[]): readonly Argument[]
  /** Everything that is neither an option nor an option's value. */
  readonly operands: readonly Argument[]
  /** The names of all options that were given, without dashes. */
  readonly names: readonly string[]
}

/**
 * Reads options as getopt does: `-rf`, `-n5`, `--name=value`, `--`.
 * `takesValue` names the options that are followed by a value, letters and long names alike.
 */
export function readOptions(
  args: readonly Argument[],
  takesValue: readonly string[] = [],
  { stopAtOperand = false }: { readonly stopAtOperand?: boolean } = {},
): Options {
  const given: { name: string; value: Argument | undefined }[] = []
  const operands: Argument[] = []
  const withValue = new Set(takesValue)
  for (let index = 0; index < args.length; index++) {
    const argument = args[index] as Argument
    const { text } = argument
    if (text === '--') {
      operands.push(...args.slice(index + 1))
      break
    }
    if (text.startsWith('--') && text.length > 2) {
      const equals = text.indexOf('=')
      const name = equals < 0 ? text.slice(2) : text.slice(2, equals)
      if (equals >= 0) given.push({ name, value: { ...argument, text: text.slice(equals + 1) } })
      else if (withValue.has(name)) given.push({ name, value: args[++index] })
      else given.push({ name, value: undefined })
      continue
    }
    if (text.startsWith('-') && text.length > 1 && !/^-[1-9]\d*$/.test(text)) {
      for (let at = 1; at < text.length; at++) {
        const name = text[at] as string
        if (!withValue.has(name)) {
          given.push({ name, value: undefined })
          continue
        }
        const rest = text.slice(at + 1)
        given.push({ name, value: rest === '' ? args[++index] : { ...argument, text: rest } })
        break
      }
      continue
    }
    if (stopAtOperand) {
      operands.push(...args.slice(index))
      break
    }
    operands.push(argument)
  }
  const matches = (name: string, names: readonly string[]) =>
    names.some(
      (wanted) =>
        wanted === name || (name.length > 2 && wanted.length > 2 && wanted.startsWith(name)),
    )
  return {
    has: (...names) => given.some(({ name }) => matches(name, names)),
    values: (...names) =>
      given.flatMap(({ name, value }) =>
        value !== undefined && matches(name, names) ? [value] : [],
      ),
    operands,
    names: given.map(({ name }) => name),
  }
}

/** The text of the first argument, or ''. */
export function firstText(args: readonly Argument[]): string {
  return args[0]?.text ?? ''
}
