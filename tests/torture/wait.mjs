// Asks until the answer is true, more and more seldom: what lasts long at a large scale must not be asked for all the time.
import { until as ask } from "../web/instance.mjs";

const MOST_MS = 50 + 950 * Number(process.env.SCALE || 0.05);

export const pause = (ms) => new Promise((done) => setTimeout(done, ms));
export const until = (what, question, seconds = 20) => ask(what, question, seconds, MOST_MS);
