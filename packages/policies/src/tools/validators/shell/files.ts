import {
  type EffectiveCommand,
  firstText,
  type Inspection,
  readOptions,
  type Rule,
} from './command.ts'
import { type Place, placeOf } from './place.ts'
import type { Argument } from './word.ts'

/** Places whose loss nobody gets over. */
const vital = new Set<Place>(['root', 'home', 'system', 'device'])

const remove: Rule = ({ argv }, inspection) => {
  const options = readOptions(argv.slice(1))
  const recursive = options.has('r', 'R', 'recursive')
  const force = options.has('f', 'force')
  if (options.has('no-preserve-root')) {
    inspection.deny('shell.remove-root', 'rm --no-preserve-root is never needed.')
  }
  if (options.operands.length === 0) {
    if (recursive) {
      inspection.ask(
        'shell.recursive-delete',
        'What rm -r deletes here is only known when it runs.',
      )
    }
    return
  }
  for (const operand of options.operands) {
    const place = placeOf(operand.text)
    const everything = operand.glob && /(?:^|\/)\.?\*$/.test(operand.text)
    if (!operand.known) {
      inspection.ask(
        'shell.unresolved',
        `What rm deletes depends on ${operand.text}; name the files.`,
      )
    } else if (recursive && vital.has(place)) {
      inspection.deny(
        'shell.recursive-delete',
        `rm -r on ${operand.text} deletes what the system or a person lives on.`,
      )
    } else if (place === 'temporary') {
      continue
    } else if (recursive && force) {
      inspection.ask(
        'shell.recursive-delete',
        `rm -rf ${operand.text} cannot be undone; delete single files, or let a person confirm.`,
      )
    } else if (recursive && operand.text.startsWith('~')) {
      inspection.ask(
        'shell.recursive-delete',
        `rm -r ${operand.text} deletes a folder of a person.`,
      )
    } else if (recursive && (everything || /^\.{1,2}$/.test(operand.text))) {
      inspection.ask('shell.recursive-delete', `rm -r ${operand.text} deletes everything here.`)
    } else if (everything && force) {
      inspection.ask('shell.delete-all', `rm -f ${operand.text} deletes every file here.`)
    } else if (place !== 'project' && place !== 'outside') {
      inspection.ask('shell.protected-path', `${operand.text} is protected.`)
    }
  }
}

/** Reports each place that a command would write to and should not. */
export function checkWritten(operand: Argument, inspection: Inspection): void {
  if (!operand.known) {
    inspection.ask(
      'shell.unresolved',
      `Where this writes depends on ${operand.text}; name the file.`,
    )
    return
  }
  inspection.wrote(operand.text)
  const place = placeOf(operand.text)
  if (place === 'device') {
    inspection.deny('shell.device-write', `Writing to ${operand.text} overwrites a device.`)
  } else if (place === 'network') {
    inspection.deny(
      'shell.network-redirect',
      'A redirection to /dev/tcp opens a connection past every rule.',
    )
  } else if (place !== 'project' && place !== 'temporary') {
    inspection.ask(
      'shell.protected-path',
      `${operand.text} lies outside of the project or is protected.`,
    )
  }
}

const writeOperands: Rule = ({ argv }, inspection) => {
  const options = readOptions(argv.slice(1), ['m', 'mode', 'd', 'date', 't', 'r', 'reference', 'Z'])
  for (const operand of options.operands) checkWritten(operand, inspection)
}

const copy: Rule = ({ argv }, inspection) => {
  const name = firstText(argv)
  const options = readOptions(argv.slice(1), [
    't',
    'target-directory',
    'S',
    'suffix',
    'm',
    'mode',
    'o',
    'g',
  ])
  const target = options.values('t', 'target-directory')
  const sources = target.length > 0 ? options.operands : options.operands.slice(0, -1)
  for (const operand of target.length > 0 ? target : options.operands.slice(-1)) {
    checkWritten(operand, inspection)
  }
  for (const source of sources) {
    if (!source.known) {
      inspection.ask(
        'shell.unresolved',
        `What ${name} takes depends on ${source.text}; name the file.`,
      )
    } else if (
      name.endsWith('mv') &&
      placeOf(source.text) !== 'project' &&
      placeOf(source.text) !== 'temporary'
    ) {
      inspection.ask(
        'shell.protected-path',
        `mv takes ${source.text} away from where it is needed.`,
      )
    } else if (
      vital.has(placeOf(source.text)) &&
      options.has('r', 'R', 'a', 'recursive', 'archive', 's', 'symbolic')
    ) {
      inspection.ask('shell.protected-path', `${source.text} lies outside of the project.`)
    }
  }
  if (name.endsWith('mv') && options.operands.at(-1)?.text === '/dev/null') {
    inspection.ask('shell.delete', 'mv to /dev/null destroys the file.')
  }
}

const permissions: Rule = ({ argv }, inspection) => {
  const name = firstText(argv)
  const args = argv
    .slice(1)
    .filter(({ text }) => !/^[-+=][rwxXstugoa,+=-]*$/.test(text) || /^-(?:R|-)/.test(text))
  const options = readOptions(args, ['reference', 'from'])
  const recursive = options.has('R', 'recursive')
  const mode =
    argv.slice(1).find(({ text }) => /^(?:[ugoa]*[-+=][rwxXst]*,?)+$|^[0-7]{3,5}$/.test(text))
      ?.text ?? ''
  const targets = options.operands
    .filter(({ text }) => text !== mode)
    .slice(name.endsWith('chmod') ? 0 : 1)
  if (
    name.endsWith('chmod') &&
    ((/[2367]$/.test(mode) && /^\d/.test(mode)) || /^[4-7]\d{3}$|s|(?:^|,)[oa]*\+\w*w/.test(mode))
  ) {
    inspection.ask('shell.permissions', `chmod ${mode} lets others write or run as the owner.`)
  }
  for (const target of targets) {
    if (!target.known)
      inspection.ask('shell.unresolved', `What ${name} changes depends on ${target.text}.`)
    else if (vital.has(placeOf(target.text))) {
      const rule = recursive ? inspection.deny : inspection.ask
      rule('shell.permissions', `${name} on ${target.text} can lock the system out.`)
    } else if (
      recursive &&
      (!name.endsWith('chmod') ||
        placeOf(target.text) !== 'project' ||
        (/^0*$/.test(mode) && mode !== ''))
    ) {
      inspection.ask(
        'shell.permissions',
        `${name} -R on ${target.text} cannot be undone file by file.`,
      )
    } else if (!['project', 'temporary', 'outside'].includes(placeOf(target.text))) {
      inspection.ask('shell.permissions', `${target.text} is protected.`)
    }
  }
}

const destroy: Rule = ({ argv }, inspection) => {
  const name = firstText(argv)
  const targets = argv.slice(1).filter(({ text }) => !text.startsWith('-'))
  const device = targets.some(({ text }) =>
    ['device', 'system', 'root', 'home'].includes(placeOf(text)),
  )
  const rule = device ? inspection.deny : inspection.ask
  rule('shell.destroy', `${name} destroys contents for good.`)
}

const truncate: Rule = ({ argv }, inspection) => {
  const options = readOptions(argv.slice(1), ['s', 'size', 'r', 'reference'])
  for (const operand of options.operands) {
    if (!operand.known || placeOf(operand.text) !== 'temporary') {
      inspection.ask('shell.truncate', `truncate empties ${operand.text}.`)
    }
  }
}

const diskDump: Rule = ({ argv }, inspection) => {
  for (const argument of argv.slice(1)) {
    if (argument.text.startsWith('of='))
      checkWritten({ ...argument, text: argument.text.slice(3) }, inspection)
    else if (
      argument.text.startsWith('if=/dev/') &&
      !/^if=\/dev\/(?:zero|u?random|null)$/.test(argument.text)
    ) {
      inspection.ask('shell.device-read', 'dd reads a device raw.')
    } else if (!argument.known) {
      inspection.ask('shell.unresolved', `What dd does depends on ${argument.text}.`)
    }
  }
}

const find: Rule = ({ argv, stdin }, inspection) => {
  const starts: Argument[] = []
  let index = 1
  while (index < argv.length && /^-(?:[HLP]|O\d|D)$/.test(argv[index]?.text ?? '')) index++
  for (; index < argv.length && !/^[-(!]/.test(argv[index]?.text ?? ''); index++) {
    starts.push(argv[index] as Argument)
  }
  const start = starts[0] ?? { text: '.', known: true, glob: false }
  const place = placeOf(start.text)
  const found: Argument = {
    // What is found under the project or a temporary folder is one file of many: as good as any other.
    text: place === 'project' || place === 'temporary' ? './x' : start.text,
    known: starts.every(({ known }) => known),
    glob: false,
  }
  for (; index < argv.length; index++) {
    const { text, known } = argv[index] as Argument
    if (!known) inspection.ask('shell.unresolved', `What find does depends on ${text}.`)
    if (text === '-delete') {
      inspection.ask(
        'shell.find-delete',
        'find -delete deletes whatever matches; list it first and delete by name.',
      )
    } else if (/^-(?:exec|execdir|ok|okdir)$/.test(text)) {
      const end = argv.findIndex(
        (argument, at) =>
          at > index &&
          (argument.text === ';' || (argument.text === '+' && argv[at - 1]?.text === '{}')),
      )
      const inner = argv.slice(index + 1, end < 0 ? undefined : end)
      inspection.command(
        inner.map((argument) => ({
          ...argument,
          text: argument.text.replaceAll('{}', found.text),
          known: argument.known && (found.known || !argument.text.includes('{}')),
        })),
        stdin,
      )
      index = end < 0 ? argv.length : end
    } else if (/^-f(?:print0?|printf|ls)$/.test(text)) {
      const file = argv[++index]
      if (file !== undefined) checkWritten(file, inspection)
    }
  }
}

const tee: Rule = ({ argv }, inspection) => {
  for (const operand of readOptions(argv.slice(1)).operands) checkWritten(operand, inspection)
}

const tar: Rule = ({ argv }, inspection) => {
  const first = argv[1]?.text ?? ''
  const args = argv.slice(1)
  for (const { text } of args) {
    if (
      /^--(?:checkpoint-action|to-command|use-compress-program|new-volume-script|info-script|rmt-command|rsh-command|rsh)/.test(
        text,
      ) ||
      (/^-[A-Za-z]*[IF]$/.test(text) && !text.startsWith('--'))
    ) {
      inspection.ask('shell.option-runs', `tar ${text} runs another program.`)
    }
    if (text === '--remove-files' || text === '--recursive-unlink') {
      inspection.ask('shell.delete', `tar ${text} deletes files.`)
    }
    if (text === '--absolute-names' || /^-\w*P/.test(text)) {
      inspection.ask('shell.protected-path', 'tar -P writes outside of the folder.')
    }
  }
  const options = readOptions(
    /^[A-Za-z]+$/.test(first)
      ? [{ text: `-${first}`, known: true, glob: false }, ...args.slice(1)]
      : args,
    ['f', 'file', 'C', 'directory', 'X', 'T'],
  )
  const reads = options.has('c', 'create', 'r', 'append', 'u', 'update')
  for (const target of [
    ...options.values('C', 'directory'),
    ...(reads ? options.values('f', 'file') : []),
  ]) {
    if (target.text !== '-') checkWritten(target, inspection)
  }
  if (reads) checkTaken(options.operands, inspection)
}

/** Asks where a program takes a whole home or system folder with it. */
function checkTaken(operands: readonly Argument[], inspection: Inspection): void {
  for (const operand of operands) {
    if (!operand.known || vital.has(placeOf(operand.text))) {
      inspection.ask('shell.protected-path', `${operand.text} lies outside of the project.`)
    }
  }
}

const zip: Rule = ({ argv }, inspection) => {
  const options = readOptions(argv.slice(1), ['x', 'i', 'P', 'TT', 'unzip-command', 'd'])
  if (argv.some(({ text }) => /^-TT|^--unzip-command/.test(text))) {
    inspection.ask('shell.option-runs', 'zip -TT runs another program.')
  }
  if (options.has('m', 'move')) inspection.ask('shell.delete', 'zip -m deletes what it packs.')
  checkTaken(options.operands.slice(1), inspection)
}

const unzip: Rule = ({ argv }, inspection) => {
  const options = readOptions(argv.slice(1), ['d', 'P'])
  for (const target of options.values('d')) checkWritten(target, inspection)
}

const rsync: Rule = (command, inspection) => {
  const options = readOptions(command.argv.slice(1), [
    'e',
    'rsh',
    'rsync-path',
    'exclude',
    'include',
    'f',
    'filter',
    'exclude-from',
    'include-from',
    'files-from',
    'T',
    'bwlimit',
    'timeout',
    'log-file',
    'compare-dest',
    'link-dest',
    'password-file',
  ])
  const dry = options.has('n', 'dry-run')
  if (
    options.names.some((name) => name.startsWith('del')) ||
    options.has('remove-source-files', 'remove-sent-files')
  ) {
    if (!dry)
      inspection.ask(
        'shell.sync-delete',
        'rsync --delete removes what the source lacks; try --dry-run first.',
      )
  }
  if (options.has('e', 'rsh', 'rsync-path'))
    inspection.ask('shell.option-runs', 'rsync -e runs another program.')
  for (const operand of options.operands) {
    if (/^(?:rsync:\/\/|[^/]+::?)/.test(operand.text) && !/^[A-Za-z]:\\/.test(operand.text)) {
      inspection.ask('shell.copy-out', `rsync copies to or from another machine: ${operand.text}.`)
    } else if (!operand.known) {
      inspection.ask('shell.unresolved', `What rsync copies depends on ${operand.text}.`)
    }
  }
  const target = options.operands.at(-1)
  if (
    !dry &&
    target !== undefined &&
    ['root', 'home', 'system', 'settings', 'credential', 'device'].includes(placeOf(target.text))
  ) {
    inspection.ask('shell.protected-path', `rsync writes to ${target.text}.`)
  }
}

const sortLike: Rule = (command, inspection) => {
  const options = readOptions(command.argv.slice(1), [
    'o',
    'output',
    'k',
    't',
    'S',
    'T',
    'key',
    'field-separator',
  ])
  for (const target of options.values('o', 'output')) checkWritten(target, inspection)
  if (options.has('compress-program'))
    inspection.ask('shell.option-runs', 'sort --compress-program runs another program.')
}

const secureRemove: Rule = (command: EffectiveCommand, inspection) => {
  inspection.ask('shell.destroy', `${firstText(command.argv)} deletes for good.`)
}

/** The rules of programs that work on files. */
export const fileRules: Readonly<Record<string, Rule>> = {
  rm: remove,
  unlink: remove,
  rmdir: writeOperands,
  mkdir: writeOperands,
  touch: writeOperands,
  mkfifo: writeOperands,
  cp: copy,
  mv: copy,
  ln: copy,
  install: copy,
  rename: copy,
  chmod: permissions,
  chown: permissions,
  chgrp: permissions,
  setfacl: permissions,
  chattr: permissions,
  shred: destroy,
  wipefs: destroy,
  mkswap: destroy,
  fdisk: destroy,
  sfdisk: destroy,
  cfdisk: destroy,
  parted: destroy,
  sgdisk: destroy,
  gdisk: destroy,
  blkdiscard: destroy,
  badblocks: destroy,
  hdparm: destroy,
  srm: remove,
  wipe: secureRemove,
  trash: secureRemove,
  truncate,
  dd: diskDump,
  dcfldd: diskDump,
  find,
  tee,
  tar,
  bsdtar: tar,
  zip,
  unzip,
  rsync,
  sort: sortLike,
  split: writeOperands,
  csplit: writeOperands,
}
