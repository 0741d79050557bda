/** What the server knows of one file at one moment: immutable, and computed when it is asked for. */

import type { AnalysisCache } from '../core/locks/cache.ts';
import { type Analysis, analyse } from '../core/locks/analyse.ts';
import { type HeldPlace, heldIn } from '../core/locks/whereHeld.ts';
import type { CheckCache } from '../core/semantics/cache.ts';
import { type CheckResult, check } from '../core/semantics/check.ts';
import { collect } from '../core/semantics/collect.ts';
import type { Environment } from '../core/semantics/environment.ts';
import { type Variant, variantKey, variants } from '../core/semantics/options.ts';
import { record, type Recorded } from '../core/semantics/record.ts';
import type { FileSnapshot, Project } from '../core/semantics/snapshot.ts';

export interface SceneCaches {
  readonly checks: CheckCache;
  readonly analyses: AnalysisCache;
  /** The latest analysis of each variant of each file. */
  readonly latest: Map<string, Analysis>;
}

/** Belongs to one content of a file and of all that it imports; a later edit makes another scene. */
export class Scene {
  /** As the core names it; `Workspace.clientUri` says how the editor does. */
  readonly uri: string;
  /** Of the open document; null when it is read from the disk. */
  readonly version: number | null;
  readonly project: Project;
  readonly file: FileSnapshot;
  /** URI of the folder that its relative imports may not leave. */
  readonly root: string;
  /** False for a file that only others import. */
  readonly isScenario: boolean;
  readonly variants: readonly Variant[];
  /** Why there are no variants. */
  readonly error: string | null;
  private readonly caches: SceneCaches;
  private readonly checked = new Map<Variant, CheckResult>();
  private readonly analysed = new Map<Variant, Analysis | null>();
  private readonly places = new Map<Variant, readonly HeldPlace[] | null>();

  constructor(
    project: Project,
    file: FileSnapshot,
    { version, root }: { readonly version: number | null; readonly root: string },
    caches: SceneCaches,
  ) {
    const found = variants(project);
    this.uri = file.uri;
    this.version = version;
    this.root = root;
    this.project = project;
    this.file = file;
    this.isScenario = file.source.items.some(({ item }) => item.kind === 'scenario');
    this.variants = found.variants;
    this.error = found.error;
    this.caches = caches;
  }

  get text(): string {
    return this.file.source.text;
  }

  /** The declarations of a variant, as far as they make sense: errors do not keep it from being there. */
  environment(variant: Variant): Environment {
    const collected = (earlier: readonly Environment[]): Environment =>
      collect(this.project, variant, earlier);
    return this.caches.checks.environment(this.project, variant, collected);
  }

  /** What the names mean in an item (PlacedItem.key) of any file of the project, errors or not. */
  record(variant: Variant, uri: string, itemKey: string): Recorded {
    return record(this.project, variant, uri, itemKey, this.caches.checks);
  }

  /** The same, or that of the text before the last edits: what is being typed then need not be waited for. */
  latestEnvironment(variant: Variant): Environment {
    return this.caches.checks.latestEnvironment(this.project, variant) ?? this.environment(variant);
  }

  check(variant: Variant): CheckResult {
    let result = this.checked.get(variant);
    if (result === undefined) {
      result = check(this.project, variant, this.caches.checks);
      this.checked.set(variant, result);
    }
    return result;
  }

  /** The lock rules of a variant; null while it has errors. */
  locks(variant: Variant): Analysis | null {
    let result = this.analysed.get(variant);
    if (result === undefined) {
      const { program } = this.check(variant);
      result = program === null ? null : analyse(program, this.caches.analyses);
      this.analysed.set(variant, result);
      if (result !== null) this.caches.latest.set(this.keyOf(variant), result);
    }
    return result;
  }

  /** What threads hold at the places of the file; null while the variant has errors. */
  held(variant: Variant): readonly HeldPlace[] | null {
    let places = this.places.get(variant);
    if (places === undefined) {
      // The calls that the analysis follows are known then.
      this.locks(variant);
      const { program } = this.check(variant);
      places = program === null ? null : heldIn(program, this.uri, this.caches.analyses);
      this.places.set(variant, places);
    }
    return places;
  }

  /** What `locks` found in the latest text of the file that had no errors; null when nobody has asked yet. */
  latestLocks(variant: Variant): Analysis | null {
    return this.caches.latest.get(this.keyOf(variant)) ?? null;
  }

  private keyOf(variant: Variant): string {
    return `${this.uri} ${variantKey(variant)}`;
  }
}
