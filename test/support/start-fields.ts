// The script of a page that shows one of the components in the browser.

import { start } from '../../client-runtime/app/start.ts';
import { components, type Name } from './field-components.ts';

start(components[document.body.dataset.name as Name], '#app', {});
