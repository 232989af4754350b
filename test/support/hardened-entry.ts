// The script of a page in test/e2e/hardened.test.ts: its components in the browser.

import { register } from '../../client-runtime/index.ts';
import { inBrowser, inShadow } from './hardened.ts';

register(inBrowser);
register(inShadow);
