// The script of the page of test/e2e/predicted-deploy.test.ts.

import '../../client-runtime/element/element.ts';
import { predict } from '../../client-runtime/predict/predict.ts';
import { builds } from './other-code.ts';

predict('/ws/days', builds.first);
