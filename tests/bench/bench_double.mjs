// A thousand drafts at the check page, each submitted twice at the same moment: how many applications came of a pair, and how many
// pairs did not end at the same result.
import { Instance } from "../web/client.mjs";
import { delivered, draftsAtCheck, outcome, submitTwice } from "../web/double.mjs";
import { remark, result } from "./measure.mjs";

const COUNT = Number(process.env.DOUBLE_SUBMITS ?? 1000);
const instance = Instance.shared(), start = process.hrtime.bigint(), seconds = () => (Number(process.hrtime.bigint() - start) / 1e9).toFixed(0);
const visitors = await draftsAtCheck(instance, COUNT), ready = seconds(), pairs = await submitTwice(visitors), pressed = seconds();
const messages = await delivered(instance, visitors, 600), rows = outcome(instance, visitors);
const same = pairs.filter(({ statuses, ends }) => statuses.every((status) => status === 303) && ends[0] === ends[1] && ends[0].startsWith("200 /register/done "));
const right = rows.filter(({ counts }) => counts.join() === "1,1,1,1,2"), once = messages.filter((actions) => actions.sort().join() === "account,vehicle");
result("double.pairs", pairs.length, "pairs");
result("double.applications", rows.reduce((sum, { counts }) => sum + counts[1], 0), "applications");
result("double.wrong", COUNT - Math.min(same.length, right.length, once.length), "pairs");
remark(`both presses at the same result: ${same.length}; one application, one submission on record, one card done: ${right.length}; each message accepted once: ${once.length}`);
remark(`drafts ready after ${ready} s, pressed in ${pressed - ready} s, all cards done after ${seconds()} s`);
process.exit(same.length === COUNT && right.length === COUNT && once.length === COUNT ? 0 : 1);
