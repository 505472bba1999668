import { isHarmlessAwk, isHarmlessCode, isHarmlessSed } from './code.ts'
import {
  type EffectiveCommand,
  firstText,
  type Inspection,
  readOptions,
  type Rule,
} from './command.ts'
import { checkWritten } from './files.ts'
import { placeOf } from './place.ts'
import { type Argument, literal } from './word.ts'

const shell: Rule = ({ argv, stdin }, inspection) => {
  const options = readOptions(
    argv.slice(1).map((argument) => (argument.text.startsWith('+') ? literal('--plus') : argument)),
    ['o', 'O', 'rcfile', 'init-file'],
    { stopAtOperand: true },
  )
  if (options.has('rcfile', 'init-file'))
    inspection.ask('shell.option-runs', 'A shell with its own start file runs that file.')
  const operands = options.operands.filter(({ text }) => text !== '-')
  if (options.names.includes('c')) {
    const [script] = operands
    if (script === undefined) {
      if (stdin.kind !== 'none') runInput(argv, stdin, inspection)
    } else if (!script.known)
      inspection.ask('shell.unresolved', 'The script of the shell is only known when it runs.')
    else inspection.script(script.text, stdin)
    return
  }
  if (operands.length > 0 && !options.names.includes('s'))
    runFile(operands[0] as Argument, inspection)
  else runInput(argv, stdin, inspection)
}

/** A shell or an interpreter that takes its program from its input. */
function runInput(
  argv: readonly Argument[],
  stdin: EffectiveCommand['stdin'],
  inspection: Inspection,
): void {
  if (stdin.kind === 'text') inspection.script(stdin.text)
  else if (stdin.kind === 'unknown') {
    inspection.deny(
      'shell.piped-code',
      `${firstText(argv)} runs whatever its input says; save it, read it, then run it.`,
    )
  }
}

/** A script file is as good as the project that it lies in. */
export function runFile(file: Argument, inspection: Inspection): void {
  if (!file.known) inspection.ask('shell.unresolved', `Which file runs depends on ${file.text}.`)
  else if (placeOf(file.text) !== 'project')
    inspection.ask('shell.foreign-script', `${file.text} lies outside of the project.`)
  else if (inspection.isNew(file.text)) {
    inspection.ask(
      'shell.unseen-script',
      `${file.text} is written and run in one go; write it, read it, then run it.`,
    )
  }
}

/** An interpreter of a programming language. */
function language(
  codeOptions: readonly string[],
  takesValue: readonly string[],
  module?: (name: string, args: readonly Argument[], inspection: Inspection) => void,
): Rule {
  return ({ argv, stdin }, inspection) => {
    // `node -pe code`: two options of which the last takes the code.
    const args = argv
      .slice(1)
      .map((argument) =>
        /^-[a-z]*[pe]$/.test(argument.text) &&
        argument.text.length > 2 &&
        codeOptions.includes('print')
          ? { ...argument, text: '-e' }
          : argument,
      )
    const options = readOptions(args, [...codeOptions, ...takesValue, 'm'], { stopAtOperand: true })
    if (args.length === 1 && /^--?(?:v|V|version|help|h)$/.test(firstText(args))) return
    let ran = false
    for (const code of options.values(...codeOptions)) {
      ran = true
      if (!code.known) inspection.ask('shell.unresolved', 'The code is only known when it runs.')
      else if (!isHarmlessCode(code.text) && !isPlainSubstitution(code.text, options.names)) {
        inspection.ask(
          'shell.code',
          `${firstText(argv)} runs code that does more than compute and print; put it in a file of the project.`,
        )
      }
    }
    const moduleName = options.names.includes('m') ? options.values('m')[0] : undefined
    if (moduleName !== undefined && module !== undefined) {
      module(moduleName.text, options.operands, inspection)
      return
    }
    if (options.has('i', 'I') && /perl|ruby/.test(firstText(argv))) {
      for (const operand of options.operands) checkWritten(operand, inspection)
    }
    if (
      options.has(
        'r',
        'require',
        'import',
        'loader',
        'experimental-loader',
        'env-file',
        'inspect',
        'inspect-brk',
        'S',
      ) &&
      /node|bun|deno|tsx/.test(firstText(argv))
    ) {
      for (const file of options.values('r', 'require', 'import', 'loader', 'experimental-loader'))
        runFile(file, inspection)
    }
    if (options.names.includes('S') && firstText(argv) === 'php') {
      inspection.ask('shell.listen', 'A web server gives files to the network.')
    }
    if (ran) return
    const [file] = options.operands
    if (file !== undefined && file.text !== '-') runFile(file, inspection)
    else if (stdin.kind === 'text' && isHarmlessCode(stdin.text)) return
    else if (stdin.kind !== 'none')
      inspection.deny('shell.piped-code', `${firstText(argv)} runs whatever its input says.`)
  }
}

/** `perl -pe 's/a/b/'`, `ruby -ne 'print if /x/'`: the everyday line editing. */
function isPlainSubstitution(code: string, names: readonly string[]): boolean {
  if (!names.includes('p') && !names.includes('n')) return false
  return (
    /^\s*(?:s|y|tr)([/|#!,])(?:[^\\/|#!,`$@]|\\.)*\1(?:[^\\/|#!,`@]|\\.)*\1[gimsx]*;?\s*$/.test(
      code,
    ) || /^\s*print(?:\s+if\s+\/(?:[^\\/`$@]|\\.)*\/i?)?;?\s*$/.test(code)
  )
}

const safeModules =
  /^(?:json\.tool|pytest|unittest|venv|virtualenv|py_compile|compileall|black|ruff|mypy|flake8|pylint|isort|timeit|this|site|sysconfig|doctest|coverage|build|pydoc|tox|nox|calendar|zipfile|tarfile|tokenize|ast|dis|platform|pip)$/

const python = language(
  ['c'],
  ['W', 'X', 'Q', 'check-hash-based-pycs'],
  (name, args, inspection) => {
    if (name === 'pip') inspection.command([literal('pip'), ...args])
    else if (name === 'http.server')
      inspection.ask('shell.listen', 'A web server gives files to the network.')
    else if (!safeModules.test(name))
      inspection.ask('shell.code', `python -m ${name} is not known to be harmless.`)
  },
)

const awk: Rule = ({ argv }, inspection) => {
  const options = readOptions(
    argv.slice(1),
    [
      'F',
      'v',
      'f',
      'file',
      'field-separator',
      'assign',
      'i',
      'include',
      'l',
      'load',
      'e',
      'source',
      'E',
      'exec',
    ],
    { stopAtOperand: true },
  )
  for (const file of options.values('f', 'file', 'E', 'exec')) runFile(file, inspection)
  if (options.has('i', 'include', 'l', 'load'))
    inspection.ask('shell.code', 'awk loads an extension.')
  const programs = [
    ...options.values('e', 'source'),
    ...(options.has('f', 'file', 'e', 'source', 'E') ? [] : options.operands.slice(0, 1)),
  ]
  for (const { text, known } of programs) {
    if (!known) inspection.ask('shell.unresolved', 'What awk runs is only known when it runs.')
    else if (!isHarmlessAwk(text))
      inspection.ask('shell.code', 'The awk program runs commands or writes files.')
  }
  readsFiles(options.operands.slice(1), inspection)
}

const sed: Rule = ({ argv }, inspection) => {
  const args = argv
    .slice(1)
    .map((argument) =>
      /^-i./.test(argument.text) || argument.text.startsWith('--in-place=')
        ? literal('-i')
        : argument,
    )
  const options = readOptions(args, ['e', 'expression', 'f', 'file', 'l', 'line-length'])
  const inline = options.has('e', 'expression', 'f', 'file')
  const scripts = [
    ...options.values('e', 'expression'),
    ...(inline ? [] : options.operands.slice(0, 1)),
  ]
  for (const { text, known } of scripts) {
    if (!known) inspection.ask('shell.unresolved', 'What sed does is only known when it runs.')
    else if (!isHarmlessSed(text))
      inspection.ask('shell.code', 'The sed script runs a command or writes a file.')
  }
  for (const file of options.values('f', 'file')) runFile(file, inspection)
  const files = inline ? options.operands : options.operands.slice(1)
  if (options.has('i', 'in-place')) for (const file of files) checkWritten(file, inspection)
  else readsFiles(files, inspection)
}

function readsFiles(files: readonly Argument[], inspection: Inspection): void {
  for (const { text, known } of files) {
    if (!known) inspection.ask('shell.unresolved', `Which file is read depends on ${text}.`)
  }
}

const source: Rule = ({ argv }, inspection) => {
  const [file] = argv.slice(1)
  if (file !== undefined) runFile(file, inspection)
}

const editor: Rule = ({ argv }, inspection) => {
  for (const { text } of argv.slice(1)) {
    if (/^(?:\+.|-c|--cmd|-S|-s|--eval|--load|-es|-f$|--batch|-l$|--script)/.test(text)) {
      inspection.ask('shell.option-runs', `${firstText(argv)} ${text} runs commands.`)
    }
  }
  for (const operand of readOptions(argv.slice(1)).operands) checkWritten(operand, inspection)
}

const manual: Rule = ({ argv }, inspection) => {
  const options = readOptions(argv.slice(1), [
    'P',
    'pager',
    'H',
    'html',
    'C',
    'L',
    'm',
    'M',
    'S',
    's',
    'e',
  ])
  if (options.has('P', 'pager', 'H', 'html', 'C'))
    inspection.ask('shell.option-runs', 'man runs the pager that it is given.')
}

const pager: Rule = ({ argv }, inspection) => {
  const options = readOptions(argv.slice(1), ['o', 'O', 'k', 'p', 't'])
  if (argv.some(({ text }) => /^\+.*!/.test(text)) || options.has('k', 'o', 'O'))
    inspection.ask('shell.option-runs', 'less runs a command or writes a file.')
  readsFiles(options.operands, inspection)
}

const java: Rule = ({ argv, stdin }, inspection) => {
  const options = readOptions(argv.slice(1), ['cp', 'classpath'], { stopAtOperand: true })
  const jar = argv.findIndex(({ text }) => text === '-jar')
  if (jar > 0) {
    const program = argv[jar + 1]
    if (program === undefined) return
    runFile(program, inspection)
    // A jar is a command line tool of its own: its arguments tell what it does.
    inspection.command(
      [
        literal(`${program.text.replace(/^.*\//, '').replace(/\.jar$/, '')}-jar`),
        ...argv.slice(jar + 2),
      ],
      stdin,
    )
  } else if (
    argv.some(({ text }) =>
      /^-(?:agentlib|agentpath|javaagent|XX:OnError|XX:OnOutOfMemoryError)/.test(text),
    )
  ) {
    inspection.ask('shell.option-runs', 'java loads an agent or runs a command.')
  } else if (options.operands.length > 0 && firstText(options.operands).endsWith('.java'))
    runFile(options.operands[0] as Argument, inspection)
}

const debuggerRule: Rule = ({ argv }, inspection) => {
  if (
    argv.some(({ text }) =>
      /^-{1,2}(?:ex|eval-command|x|command|o|one-line|s|source|p|pid|attach)/.test(text),
    )
  ) {
    inspection.ask('shell.option-runs', `${firstText(argv)} runs commands in a process.`)
  }
}

const node = language(
  ['e', 'eval', 'p', 'print'],
  [
    'r',
    'require',
    'import',
    'loader',
    'experimental-loader',
    'C',
    'conditions',
    'env-file',
    'input-type',
    'test-name-pattern',
    'test-reporter',
  ],
)

/** The rules of shells, languages and programs with a language of their own. */
export const interpreterRules: Readonly<Record<string, Rule>> = {
  sh: shell,
  bash: shell,
  dash: shell,
  zsh: shell,
  ksh: shell,
  ash: shell,
  fish: shell,
  csh: shell,
  tcsh: shell,
  mksh: shell,
  rbash: shell,
  pwsh: language(['c', 'C', 'Command', 'EncodedCommand'], []),
  powershell: language(['c', 'C', 'Command', 'EncodedCommand'], []),
  python,
  python2: python,
  python3: python,
  pypy: python,
  pypy3: python,
  node,
  nodejs: node,
  tsx: node,
  'ts-node': node,
  bun: node,
  deno: (command, inspection) => {
    const [verb, ...rest] = command.argv.slice(1)
    if (verb?.text === 'eval') {
      const code = rest.find(({ text }) => !text.startsWith('-'))
      if (code !== undefined && !(code.known && isHarmlessCode(code.text)))
        inspection.ask('shell.code', 'deno eval runs code that does more than compute and print.')
    } else if (verb?.text === 'run' || verb?.text === 'install') {
      const file = rest.find(({ text }) => !text.startsWith('-'))
      if (file !== undefined) {
        if (/^(?:https?:|npm:|jsr:)/.test(file.text))
          inspection.ask('shell.foreign-script', `deno runs ${file.text} from the network.`)
        else runFile(file, inspection)
      }
    }
  },
  perl: language(['e', 'E'], ['I', 'M', 'F', '0']),
  ruby: language(['e'], ['r', 'I', 'C', 'F']),
  irb: language(['e'], []),
  php: language(['r', 'B', 'R', 'E'], ['d', 'c', 'S', 't', 'f']),
  lua: language(['e'], ['l']),
  luajit: language(['e'], ['l']),
  julia: language(['e', 'E', 'eval', 'print'], []),
  Rscript: language(['e'], []),
  groovy: language(['e'], []),
  tclsh: language(['c'], []),
  osascript: language(['e'], ['l']),
  elixir: language(['e', 'eval'], []),
  erl: language(['eval'], []),
  ghc: language(['e'], []),
  scala: language(['e'], []),
  swift: language(['e'], []),
  awk,
  gawk: awk,
  mawk: awk,
  nawk: awk,
  sed,
  gsed: sed,
  source,
  '.': source,
  vi: editor,
  vim: editor,
  nvim: editor,
  view: editor,
  ex: editor,
  ed: editor,
  emacs: editor,
  nano: editor,
  man: manual,
  less: pager,
  more: pager,
  most: pager,
  java,
  gdb: debuggerRule,
  lldb: debuggerRule,
  expect: language(['c'], ['f']),
}
