// Lighthouse, mobile: the page of every step of every flow has 100 for accessibility and for best practices. Performance depends on
// a clock and is measured by the bench of this name.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";

import { Instance } from "./browser.mjs";
import { Lighthouse } from "./lighthouse.mjs";
import { EARNEST, walk } from "./walk.mjs";

const CATEGORIES = ["accessibility", "best-practices"];

// One flow; Lighthouse runs once at a time in a thread, so each flow has one of its own.
async function scores(flow) {
	const instance = Instance.shared(), one = await Lighthouse.start(instance), seen = [];
	try {
		await walk(instance, flow, async (name, visitor) => name.includes("-") || seen.push({ name, ...(await one.audit(visitor.page.path, visitor, CATEGORIES)) }));
	} finally {
		await one.stop();
	}
	return seen;
}

if (!isMainThread) {
	parentPort.postMessage(await scores(workerData.flow));
} else {
	describe("100 for accessibility and best practices", { concurrency: 2 }, () => {
		for (const flow of EARNEST)
			test(flow, async (t) => {
				const seen = await new Promise((done, failed) => new Worker(new URL(import.meta.url), { workerData: { flow } }).on("message", done).on("error", failed));
				t.diagnostic(`${flow}: ${seen.map((one) => one.name).join(" ")}`);
				assert.ok(seen.length > 12, `${seen.length} pages`);
				assert.deepEqual(seen.filter((one) => CATEGORIES.some((category) => one.scores[category] !== 100)), []);
			});
	});
}
