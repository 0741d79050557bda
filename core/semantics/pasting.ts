/** What to do about words of kernel code that no scenario has (docs/language/pasting.md). */

/** The edit that code with this word needs; null for a word that is unknown for another reason. */
export function pastingEdit(name: string): string | null {
  return edits.find(([words]) => words.test(name))?.[1] ?? null;
}

const edits: readonly (readonly [RegExp, string])[] = [
  [
    /^(scoped_guard|scoped_cond_guard|guard|CLASS|DEFINE_FREE|DEFINE_GUARD|DEFINE_CLASS)$/,
    'there are no destructors; lock, and unlock on every way out',
  ],
  [
    /^(k|kv|v)(m|z)alloc(_\w+)?$|^kv?(m|c)alloc_array$|^kv?calloc$|^kmem_cache_z?alloc\w*$|\w_cache_alloc$/,
    "declare 'pool struct T objects[N];' and take one with alloc(objects), or with alloc_uninit(objects)",
  ],
  [/^(module_param\w*|module_init|module_exit|MODULE_\w+)$/, 'a scenario is no module; delete it'],
];
