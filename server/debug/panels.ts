/** What the views of a run show, in the shapes of `protocol.ts`. */

import { showSteps } from '../../core/export/steps.ts';
import { changelogTable } from '../../core/export/table.ts';
import { traceFileOf, writeTraceFile } from '../../core/export/trace.ts';
import { placesIn } from '../../core/export/places.ts';
import { nameOf } from '../../core/machine/explain.ts';
import { parkOf } from '../../core/machine/state.ts';
import { labelOf, nameOfAddress, showAccess } from '../../core/machine/values.ts';
import { type Access, read } from '../../core/machine/memory.ts';
import type { Loc } from '../../core/semantics/hir.ts';
import { holdings, holdingsIn } from '../../core/session/locks.ts';
import { scheduleOf } from '../../core/session/schedule.ts';
import type { ViewLine } from '../../core/session/views.ts';
import { displayPath, pathOfUri } from '../../host/files.ts';
import { sha256 } from '../../host/job.ts';
import { clientUri } from '../workspace.ts';
import type {
  LocksResult,
  Place,
  SaveArguments,
  Threads,
  Timeline,
  TimelineArguments,
  TimelineStep,
  ViewItem,
  ViewsResult,
} from './protocol.ts';
import { lineOf, type Run } from './run.ts';

export function placeOf(run: Run, loc: Loc | null | undefined): Place | null {
  const line = loc == null ? null : lineOf(run.project, loc);
  if (line === null) return null;
  const shown = clientUri(line.uri);
  return { path: pathOfUri(shown) ?? shown, line: line.line, column: line.column };
}

/** As in `Place`. */
export function scenarioPath({ scene }: Run): string {
  const shown = clientUri(scene.uri);
  return pathOfUri(shown) ?? shown;
}

export function timelineOf(run: Run, { from, to }: TimelineArguments): Timeline {
  const { session, program } = run;
  const first = Math.max(1, Math.trunc(from ?? 1));
  const last = Math.min(session.length, Math.trunc(to ?? session.length + 1) - 1);
  const steps: TimelineStep[] = [];
  for (let number = first; number <= last; number++) steps.push(stepOf(run, number));
  return {
    threads: program.threads.map(({ name }) => name),
    cursor: session.cursor,
    length: session.length,
    from: first,
    steps,
    forks: session.forks.map(({ at, why, steps: left }) => ({ at, why, steps: left.length })),
  };
}

function stepOf(run: Run, number: number): TimelineStep {
  const { session, program } = run;
  const event = session.history.event(number);
  if (event?.kind !== 'step')
    return {
      ...{ number, thread: null, text: event?.text ?? '', value: null, within: '', place: null },
      ...{ holds: [], touches: [], broken: [] },
    };
  const site = program.sites[event.site];
  const access = event.accesses.find(({ write }) => write === (site?.action === 'store'));
  const isAccess = site !== undefined && site.action !== 'none' && access !== undefined;
  const image = session.history.state(isAccess && access.write ? number : number - 1).image;
  const value = isAccess
    ? showAccess(
        program,
        access.address,
        access.bytes,
        read(program.memory, image, access.address, access.bytes, false),
      )
    : event.choices.length === 0
      ? null
      : event.choices.join(', ');
  return {
    number,
    thread: event.thread,
    text: site === undefined ? '' : labelOf(site),
    value,
    within: program.frames[site?.frame ?? -1]?.function ?? '',
    place: placeOf(run, site?.loc),
    holds: heldBy(run, number).get(event.thread) ?? [],
    touches: [...new Set(event.accesses.flatMap((access) => objectsAt(run, access)))],
    broken: brokenAt(run, number),
  };
}

/**
 * Checks that fail in a state and did not in the one before: those of the step itself, and for the last step of the run
 * those of its state, which takes too long to be asked of every one.
 */
function brokenAt({ session, program }: Run, number: number): readonly string[] {
  const event = session.history.event(number);
  if (number < session.length) {
    const own = event?.kind === 'step' ? event.findings : [];
    return [...new Set(own.flatMap(({ check }) => program.checks[check]?.name ?? []))];
  }
  const before = new Set(session.findings(number - 1).map(({ check, site }) => `${check} ${site}`));
  const names = session
    .findings(number)
    .filter(({ check, site }) => !before.has(`${check} ${site}`))
    .flatMap(({ check }) => program.checks[check]?.name ?? []);
  return [...new Set(names)];
}

type Holds = ReadonlyMap<number, readonly string[]>;
const held = new WeakMap<object, Holds>();

/** What each thread holds in a state. It is asked anew only behind steps that wrote to a lock. */
function heldBy({ session, program, asking, locks }: Run, number: number): Holds {
  const { history } = session;
  const unknown: object[] = [];
  let at = number;
  let found: Holds | undefined;
  for (; at > 0 && found === undefined; at--) {
    const event = history.event(at);
    if (event === null) break;
    found = held.get(event);
    if (found !== undefined) break;
    unknown.push(event);
    const wrote = event.accesses.some(
      ({ address, bytes, write }) =>
        write &&
        locks.some(
          (lock) => address < lock.address + BigInt(lock.bytes) && lock.address < address + BigInt(bytes),
        ),
    );
    if (wrote) break;
  }
  if (found === undefined) {
    const byThread = new Map<number, string[]>();
    for (const { lock, mode, thread } of holdingsIn(asking, program, history.state(at), locks))
      byThread.set(thread, [
        ...(byThread.get(thread) ?? []),
        mode === 'read' ? `${lock.name} (read)` : lock.name,
      ]);
    found = byThread;
  }
  for (const event of unknown) held.set(event, found);
  return found;
}

/** An object that an access is to, and the lock that it is of: a lock at the beginning of an object has its address. */
function objectsAt({ program, locks }: Run, { address, bytes }: Access): readonly string[] {
  const name = nameOfAddress(program, address);
  const within = locks.filter(
    (lock) => address < lock.address + BigInt(lock.bytes) && lock.address < address + BigInt(bytes),
  );
  return [...(name === null ? [] : [name.replace(/^&/, '')]), ...within.map((lock) => lock.name)];
}

export function threadsOf(run: Run): Threads {
  const { session, program } = run;
  const { state } = session;
  const holds = heldBy(run, session.cursor);
  return program.threads.map(({ name }, thread) => {
    const status = session.status(thread);
    const [top] = session.standing.stackOf(thread);
    const site = program.sites[parkOf(program, state, thread)?.site ?? -1];
    return {
      name,
      kind: status.kind,
      why: status.kind === 'waits' ? status.why : '',
      next: site === undefined || status.kind === 'over' ? '' : labelOf(site),
      place: placeOf(run, top?.loc),
      holds: holds.get(thread) ?? [],
    };
  });
}

export function viewsOf(run: Run): ViewsResult {
  const { views, session } = run;
  return views.titles.map((title) => {
    const shown = views.show(title, session.state);
    if (shown.kind === 'refused') return { title, message: shown.message, lines: [] };
    return {
      title,
      message: shown.cut ? 'there is more than can be shown' : null,
      lines: shown.lines.map((line) => itemOf(run, line)),
    };
  });
}

function itemOf(run: Run, line: ViewLine): ViewItem {
  const { history, cursor } = run.session;
  const lines = line.lines.map((each) => itemOf(run, each));
  const bytes = line.address === null ? 0 : 8;
  const writer = line.address === null ? null : history.lastWriter(line.address, bytes, cursor);
  const own = line.address !== null && history.changed(line.address, bytes, cursor);
  return {
    text: line.text,
    lines,
    writer,
    changed: own || lines.some(({ changed }) => changed),
    place: placeOf(run, line.loc),
  };
}

export function locksOf(run: Run): LocksResult {
  const { session, program, asking, locks } = run;
  return {
    held: holdings(asking, session, locks).map(({ lock, mode, thread, since }) => {
      const event = since === null ? null : session.history.event(since);
      const site = event?.kind === 'step' ? program.sites[event.site] : undefined;
      return {
        ...{ lock: lock.name, kind: lock.kind, mode, since },
        thread: program.threads[thread]?.name ?? '?',
        place: placeOf(run, site?.loc),
      };
    }),
    waiting: [...program.threads.keys()].flatMap((thread) => {
      const status = session.status(thread);
      if (status.kind !== 'waits') return [];
      const place = placeOf(run, program.sites[status.site]?.loc);
      return [{ thread: nameOf(program, thread), why: status.why, place }];
    }),
  };
}

/** The run up to now as text; a string says why it cannot be. */
export function saved(run: Run, { as, title }: SaveArguments): { readonly text: string } | string {
  const { session, program, project, variant } = run;
  if (as === 'schedule' || as === 'test') {
    const schedule = scheduleOf(session, title ?? 'saved run');
    if (schedule.kind === 'refused') return schedule.message;
    return { text: as === 'schedule' ? schedule.text : testOf(run, schedule.text) };
  }
  const trace = session.trace();
  if (trace === null)
    return 'a value was set by hand in this run, so that it is no interleaving of the scenario';
  const [broken] = session.findings();
  const check = broken === undefined ? undefined : program.checks[broken.check];
  if (as === 'table') {
    const names = program.threads.map(({ name }) => name);
    const ending = check === undefined ? null : { thread: broken?.thread ?? null, text: check.name };
    return { text: changelogTable(names, showSteps(program, trace), ending) };
  }
  const home = pathOfUri(run.scene.root) ?? '/';
  const place = placeOf(run, broken === undefined ? null : program.sites[broken.site]?.loc);
  const file = traceFileOf(
    program,
    {
      trace,
      sources: [...project.files].map(([uri, file]) => ({
        file: displayPath(uri, home),
        hash: sha256(file.source.text),
      })),
      memoryModel: variant.memoryModel,
      violation:
        check === undefined || place === null
          ? null
          : {
              ...{ check: check.name, message: check.message, file: displayPath(place.path, home) },
              ...{ line: place.line, column: place.column },
            },
    },
    { places: placesIn(project), pathOf: (uri) => displayPath(uri, home) },
  );
  return { text: writeTraceFile(file) };
}

/** The text that runs, with the schedule and, unless the scenario says already what is expected, a line that does. */
function testOf({ session, program, project, variant }: Run, schedule: string): string {
  const text = project.files.get(program.checked.uri)?.source.text ?? '';
  const failed = session
    .findings()
    .map(({ check }) => program.checks[check])
    .find((check) => check?.severity === 'error');
  const said = program.checked.expectations.filter(({ kind }) => kind !== 'finds');
  const options = [...variant.options].map(([name, value]) => `${name} == ${value}`).join(' && ');
  const when = options === '' ? '' : ` when ${options}`;
  const expect = failed === undefined || said.length > 0 ? '' : `expect fails ${failed.name}${when};\n`;
  return `${text.trimEnd()}\n\n${expect}${expect === '' ? '' : '\n'}${schedule}`;
}
