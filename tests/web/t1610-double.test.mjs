// Submitting twice at the same moment: one application of every pair, both presses lead to the same result, and the carrier hears of
// each card once. How many pairs: DOUBLE_SUBMITS; the bench "double" does a thousand.
import assert from "node:assert/strict";
import test from "node:test";

import { Instance } from "./client.mjs";
import { delivered, draftsAtCheck, outcome, submitTwice } from "./double.mjs";

const instance = Instance.shared(), COUNT = Number(process.env.DOUBLE_SUBMITS ?? 150);

test(`${COUNT} double submits make ${COUNT} applications`, async () => {
	const visitors = await draftsAtCheck(instance, COUNT);
	assert.equal(visitors.length, COUNT);
	for (const { statuses, ends } of await submitTwice(visitors)) {
		assert.deepEqual(statuses, [303, 303]);
		assert.match(ends[0], /^200 \/register\/done [0-9A-Z]+$/);
		assert.equal(ends[0], ends[1], "both presses end at the same result");
	}
	const messages = await delivered(instance, visitors, 60);
	assert.equal(messages.length, COUNT);
	for (const actions of messages) assert.deepEqual(actions.sort(), ["account", "vehicle"]);
	const rows = outcome(instance, visitors);
	assert.equal(rows.length, COUNT);
	for (const { vin, counts } of rows) assert.deepEqual(counts, [1, 1, 1, 1, 2], `${vin}: applications, submitted, on record, cards done, messages`);
});
