// The script of a page with `<test-answer>`, and with server components around it.

import '../../client-runtime/element/element.ts';
import { register } from '../../client-runtime/app/register.ts';
import { answer } from './answer.ts';

register(answer);
