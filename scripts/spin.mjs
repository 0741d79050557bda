/** SPIN and a C compiler for the tests: the machine's own; on a Debian where we may, they are installed. */
import { spawnSync } from 'node:child_process';

const needed = ['spin', 'gcc'];

/** @returns {{ missing: string | null }} `missing`: what is to be done; null when both are there */
export function provideSpin() {
  const absent = needed.filter((name) => !runs(name));
  if (absent.length === 0) return { missing: null };
  if (process.platform !== 'linux' || process.getuid?.() !== 0) {
    const what = absent.join(' and ');
    return {
      missing: `needs ${what} on PATH (apt-get install ${absent.join(' ')}), and only root may install it`,
    };
  }
  console.error(`Installing SPIN (apt-get install ${absent.join(' ')}) …`);
  // The C library's headers come with gcc only if they are named. A machine that is fresh has no lists of packages yet.
  const install = ['install', '--yes', '--no-install-recommends', ...absent, 'libc6-dev'];
  const installed = apt(install) || (apt(['update']) && apt(install));
  const still = needed.filter((name) => !runs(name));
  if (installed && still.length === 0) return { missing: null };
  return { missing: `needs ${still.join(' and ')}, and apt-get could not install it` };
}

/** @param {readonly string[]} args */
function apt(args) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  return spawnSync('apt-get', ['-qq', ...args], { env, stdio: ['ignore', 'ignore', 'inherit'] }).status === 0;
}

/** Whether a program of this name answers: one of the same name may be something else. @param {string} name */
function runs(name) {
  const asked = spawnSync(name, [name === 'spin' ? '-V' : '--version'], { encoding: 'utf8' });
  return asked.status === 0 && (name !== 'spin' || /Spin Version/.test(asked.stdout));
}
