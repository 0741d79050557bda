/** What VS Code runs in its extension host: `run`. */

import './activation.ts';
import './checking.ts';
import './language.ts';
import './navigation.ts';
import './pages.ts';
import './stepping.ts';
import './task.ts';
import { runAll } from './suite.ts';

export const run = runAll;
