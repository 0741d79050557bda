import { realpathSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { placesIn } from '../core/export/places.ts';
import { promelaOf } from '../core/export/promela.ts';
import { reportDiagnostic } from '../core/export/result.ts';
import { displayPath, pathOfUri } from '../host/files.ts';
import { programOf } from '../host/job.ts';
import { oneOf, optionValues, UsageError } from './arguments.ts';
import type { Command } from './command.ts';
import { openInputs, unusableFrom } from './input.ts';
import { optionsText } from './pretty.ts';
import { type Selected, selectVariants } from './selection.ts';

export const exporting: Command = {
  name: 'export',
  summary: 'write a variant as a model for another tool',
  help: `usage: lockstep export FILE --to promela [--option NAME=VALUE]… [-o OUT]

  Writes one variant as a Promela model, for SPIN: with the same steps, the same states as check --no-reduction counts,
  and every check. Its first lines say how it is run, docs/scale.md says more.

  --to promela             the language of the model
  --option NAME=VALUE      the variant with this option value; until one is left
  -o OUT, --output OUT     the file that is written (default: standard output)

  Exit code: 0; 2 when the file cannot be used or written, or the variant cannot be exported.
`,
  options: { to: 'text', option: 'list', output: 'text' },
  run: async (args) => {
    if (args.text('to') === null) throw new UsageError('--to is needed, and takes promela');
    oneOf(args, 'to', ['promela'], 'promela');
    const values = optionValues(args);
    if (values.get('memory_model')?.includes('tso') === true)
      throw new UsageError('only the memory model sc can be exported');
    const [path, ...more] = args.positionals;
    if (path === undefined || more.length > 0) throw new UsageError('name one scenario file');

    const inputs = openInputs([path]);
    if (inputs.unusable.length > 0) return refuse(inputs.unusable);
    const selected = selectVariants(inputs.scenarios, values);
    const [only, ...others] = selected;
    if (only === undefined) throw new UsageError(`${displayPath(path)} holds no scenario`);
    if (others.length > 0) throw new UsageError(manyVariants(selected));
    const output = args.text('output');
    if (output !== null) checkOutput(output, only);
    return write(only, output);
  },
};

function write({ scenario, variant }: Selected, output: string | null): number {
  const { project } = scenario;
  const { program, diagnostics } = programOf(project, variant);
  const places = placesIn(project);
  if (program === null) {
    return refuse(
      unusableFrom(diagnostics.map((one) => reportDiagnostic(one, { places, pathOf: displayPath }))),
    );
  }
  const model = promelaOf(program, {
    file: displayPath(scenario.uri),
    options: optionsText(Object.fromEntries(variant.options)),
    placeOf: (loc) => {
      const { uri, line } = places.ofLoc(loc);
      return `${basename(displayPath(uri))}:${line}`;
    },
  });
  if (model.kind === 'refused') {
    process.stderr.write(`lockstep export: it cannot be exported: ${model.reason}\n`);
    return 2;
  }
  if (output === null) {
    process.stdout.write(model.text);
    return 0;
  }
  try {
    writeFileSync(output, model.text);
    return 0;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    process.stderr.write(`lockstep export: ${output} cannot be written: ${why}\n`);
    return 2;
  }
}

/** A model is of one variant; names what there is to choose from. */
function manyVariants(selected: readonly Selected[]): string {
  const names = selected.map(({ variant }) => optionsText(Object.fromEntries(variant.options)));
  const shown = names.slice(0, VARIANTS_SHOWN).join('; ');
  const rest = names.length > VARIANTS_SHOWN ? `; and ${names.length - VARIANTS_SHOWN} more` : '';
  return `a model is of one variant, and ${names.length} are left; choose with --option among: ${shown}${rest}`;
}

const VARIANTS_SHOWN = 10;

/** A slip of the hand must not destroy a scenario. */
function checkOutput(output: string, { scenario }: Selected): void {
  const target = real(output);
  if (target === null) return;
  const same = [...scenario.project.files.keys()].some((uri) => real(pathOfUri(uri) ?? '') === target);
  if (same) throw new UsageError(`-o ${output} would overwrite a file of the scenario`);
}

/** null: there is no such file. */
function real(path: string): string | null {
  try {
    return realpathSync(path);
  } catch {
    return null;
  }
}

function refuse(unusable: ReturnType<typeof unusableFrom>): number {
  for (const { file, line, column, message } of unusable)
    process.stderr.write(`${file}:${line}:${column}: ${message}\n`);
  return 2;
}
