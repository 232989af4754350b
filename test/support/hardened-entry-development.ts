// The same in development, where a parser confirms each template.

import '../../client-runtime/dom/development.ts';
import './hardened-entry.ts';
