// The script of a page that shows the component of late-component.ts in the browser.

import { start } from '../../client-runtime/app/start.ts';
import { late } from './late-component.ts';

start(late, '#app', {});
