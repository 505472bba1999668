// Builds what is published: declarations by tsc, and each package's entries as one file each.
// Loading 170 small files takes longer than all the rest of `import 'holdfast'`.
import { spawnSync } from 'node:child_process'
import { globSync, readFileSync, rmSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { rolldown } from 'rolldown'

const root = resolve(import.meta.dirname, '..')

const manifests = globSync('{packages,adapters}/*/package.json', { cwd: root })
  .map((file) => ({
    folder: join(root, dirname(file)),
    ...JSON.parse(readFileSync(join(root, file), 'utf8')),
  }))
  .filter((manifest) => !manifest.private)

const { status } = spawnSync('tsc', ['-b', ...manifests.map(({ folder }) => folder)], {
  cwd: root,
  stdio: 'inherit',
})
if (status !== 0) process.exit(status ?? 1)

for (const { folder, exports = {}, imports = {}, bin = {} } of manifests) {
  const sources = [...Object.values(exports), ...Object.values(imports)].flatMap((entry) => {
    const source = entry['@holdfast/source']
    return typeof source === 'string' ? [source] : Object.values(source)
  })
  const programs = Object.values(bin).map((path) =>
    path.replace('dist', 'src').replace(/\.js$/, '.ts'),
  )
  for (const old of globSync('dist/**/*.{js,js.map}', { cwd: folder })) rmSync(join(folder, old))
  const bundle = await rolldown({
    input: Object.fromEntries(
      [...sources, ...programs].map((path) => [
        path.replace(/^\.\/src\/|\.ts$/g, ''),
        join(folder, path),
      ]),
    ),
    external: (name) => !name.startsWith('.') && !name.startsWith('/'),
    platform: 'node',
    plugins: [{ name: 'plain-builtins', renderChunk: plainBuiltins }],
    treeshake: { moduleSideEffects: true },
  })
  await bundle.write({
    dir: join(folder, 'dist'),
    format: 'esm',
    entryFileNames: '[name].js',
    chunkFileNames: 'shared-[hash].js',
    sourcemap: true,
    minify: false,
  })
  await bundle.close()
}

/**
 * An ES import of one of Node's modules looks at every export of it, and some load a good deal more: WebCrypto, streams.
 * Asked for plainly, they cost nothing (5 ms of `import 'holdfast'`).
 */
function plainBuiltins(code) {
  const plain = code.replaceAll(
    /^import \{([^}]*)\} from "(node:(?:crypto|fs|util))";$/gm,
    (_, names, module) =>
      `const {${names.replaceAll(' as ', ': ')}} = process.getBuiltinModule("${module}");`,
  )
  // No line is another one.
  return { code: plain, map: null }
}
