import type { Approver, Run } from '@holdfast/core'
import type { Finding } from '../decision.ts'
import type { ToolClass } from '../classify/tool-class.ts'
import type { StandardSchema } from '../validators/schema/schema.ts'
import type { ShellOptions } from '../validators/shell/shell.ts'
import type { SqlOptions } from '../validators/sql/sql.ts'
import type { UrlOptions } from '../validators/url/url.ts'

/** How much the gate does: only say what it would do, ask for what is dangerous, or ask for all but reading. */
export type ToolGatePreset = 'observe' | 'guarded' | 'strict'

/** What an argument of a tool holds, and so what looks into it. */
export type ArgumentKind = 'path' | 'url' | 'shell' | 'code' | 'sql' | 'text'

/** What the application says about a tool of its own. */
export interface ToolDeclaration {
  /** What it can do; believed. @default recognised by name, description and parameters */
  readonly class?: ToolClass
  /** What its arguments hold, by their names. @default recognised by names, and by `format` in the schema */
  readonly arguments?: Readonly<Record<string, ArgumentKind>>
  /** JSON Schema or Standard Schema of the arguments. @default the one in the request */
  readonly parameters?: object
  /** Answers a dry run with what it would have done; true describes the call. @default true */
  readonly dryRun?: true | ((args: unknown) => unknown)
  /** Checks what it answers. */
  readonly resultSchema?: StandardSchema
  /** What it answers is cut off after so much. @default the gate's own */
  readonly maxResultBytes?: number
  /** How long it may take. @default for ever */
  readonly timeoutMs?: number
}

/** Which tools something is about: by name, where `*` stands for anything, and by class. One of each has to fit. */
export interface ToolMatch {
  readonly tool?: string | readonly string[]
  readonly class?: ToolClass | readonly ToolClass[]
}

/** Looks at one argument. Every condition that is named has to hold; an argument that is not there fits none. */
export interface ArgumentMatch {
  /** Where it is: `amount`, `to.0.email`. */
  readonly path: string
  readonly equals?: string | number | boolean | null
  readonly oneOf?: readonly (string | number | boolean | null)[]
  readonly startsWith?: string
  readonly matches?: RegExp
  readonly above?: number
  readonly below?: number
  readonly test?: (value: unknown) => boolean
}

/** A decision of the application's own. */
export interface ToolRule extends ToolMatch {
  /** Stable name, for decisions and the audit. */
  readonly name: string
  /** Told to the model and to people; one sentence. */
  readonly reason?: string
  readonly argument?: ArgumentMatch | readonly ArgumentMatch[]
  /** Whose calls; `*` stands for anything. */
  readonly identity?: {
    readonly tenant?: string
    readonly user?: string
    readonly agent?: string
    readonly session?: string
  }
  readonly verdict: 'allow' | 'deny' | 'ask' | 'dryRun'
}

/** After a tool was called in the run, others are refused or asked for. */
export interface AfterRule {
  readonly name?: string
  readonly reason?: string
  readonly after: ToolMatch
  readonly deny?: ToolMatch
  readonly ask?: ToolMatch
}

/** What some tools answered must not go into the arguments of others. */
export interface TaintRule {
  readonly name?: string
  readonly reason?: string
  readonly from: ToolMatch
  readonly into: ToolMatch
  /** @default 'deny' */
  readonly verdict?: 'deny' | 'ask'
}

export type FlowRule = AfterRule | TaintRule

/** What the tool gate does. Everything has a default. */
export interface ToolGateOptions {
  /** @default 'observe' */
  readonly preset?: ToolGatePreset
  /** Folder that paths in arguments have to stay in. @default the current one */
  readonly root?: string
  /** The first that fits counts, in place of the preset's own word on the class. */
  readonly rules?: readonly ToolRule[]
  readonly flows?: readonly FlowRule[]
  /** Tools by name. */
  readonly declare?: Readonly<Record<string, ToolDeclaration>>
  /**
   * Where people are asked: while the reply is held back, or right before the function, for applications whose tools all
   * run through an adapter or `tool()`. @default 'wire'
   */
  readonly askAt?: 'wire' | 'function'
  /** How often a model whose call was refused is asked again before its application learns of it. @default 2 */
  readonly maxAskAgain?: number
  /** What happens to results that give orders: marked as data, and withheld where it is blatant; always withheld. @default 'mark' */
  readonly injection?: 'off' | 'mark' | 'withhold'
  /** What a tool answers is cut off after so much. @default 262144, none in observe */
  readonly maxResultBytes?: number
  /** How shell commands are looked at. */
  readonly shell?: ShellOptions
  /** How URLs are looked at. */
  readonly url?: UrlOptions
  /** How SQL is looked at. */
  readonly sql?: SqlOptions
}

/** Whom the permissions are asked about. */
export interface PermitFacts {
  readonly run: Run | undefined
  readonly tool: string
  readonly toolClass: ToolClass
  readonly framework?: string | undefined
}

/** What the gate asks others. */
export interface ToolGateDeps {
  /** Asks people. @default nobody: what would be asked is refused */
  readonly approver?: Approver | undefined
  /** Puts real values where redaction has put placeholders: decisions are about what will be executed. */
  readonly reveal?: ((text: string, run: Run | undefined) => string) | undefined
  /** What permissions say against a call. */
  readonly permit?: ((facts: PermitFacts) => Finding | undefined) | undefined
  /** Is told of the gate's own mistakes. */
  readonly bug?: ((error: unknown) => void) | undefined
}
