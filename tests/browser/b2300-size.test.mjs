// What a page costs: bytes over the wire and requests, compressed as nginx sends them.
import assert from "node:assert/strict";
import test from "node:test";

import { importCars } from "../web/cars.mjs";
import { journey } from "../web/client.mjs";
import { Instance, adopt, newContext, newPage, testBrowser } from "./browser.mjs";

const instance = Instance.shared(), browser = testBrowser();

// Opens a page in a browser that has seen nothing; gives what came over the wire: {url, bytes} each.
async function firstVisit(path, visitor) {
	const context = await newContext(browser);
	if (visitor) await adopt(context, instance, visitor);
	const page = await newPage(context, instance), wire = await context.newCDPSession(page), answers = new Map();
	await wire.send("Network.enable");
	wire.on("Network.responseReceived", ({ requestId, response }) => answers.set(requestId, { url: response.url, headers: response.headers, bytes: 0 }));
	wire.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => {
		if (answers.has(requestId)) answers.get(requestId).bytes = encodedDataLength;
	});
	await page.open(path);
	await page.waitForLoadState("networkidle");
	page.untroubled();
	await context.close();
	return [...answers.values()].filter(({ url }) => url.startsWith("https:"));
}

test("a first visit: at most 5 requests and 30 KB", async (t) => {
	for (const path of ["/", "/register/notice"]) {
		const got = await firstVisit(path), bytes = got.reduce((sum, one) => sum + one.bytes, 0);
		t.diagnostic(`${path}: ${got.length} requests, ${bytes} bytes: ${got.map((one) => `${new URL(one.url).pathname} ${one.bytes}`).join(", ")}`);
		assert.ok(got.length >= 3 && got.length <= 5, `${got.length} requests`);
		assert.ok(bytes > 5000 && bytes <= 30 * 1024, `${bytes} bytes`);
		const css = got.find((one) => one.url.endsWith(".css")), js = got.find((one) => one.url.endsWith(".js"));
		assert.ok(css.bytes <= 7 * 1024, `style ${css.bytes} bytes`);
		assert.ok(js.bytes <= 12 * 1024, `script ${js.bytes} bytes`);
		for (const one of [css, js]) assert.match(one.headers["cache-control"], /immutable/);
		assert.ok(got[0].bytes + css.bytes <= 14 * 1024, "page and style in the first window of the connection");
	}
});

test("the HTML of a step: at most 6 KB", async (t) => {
	const sizes = [];
	for (const step of ["vehicle", "cards", "code", "front", "identity", "liveness", "agreements", "check", "done"]) {
		const [car] = await importCars(instance, [{ cards: 3 }]), [document] = await firstVisit(`/register/${step}`, await journey(instance, car, { stop: step }));
		sizes.push(`${step} ${document.bytes}`);
		assert.ok(document.bytes <= 6 * 1024, `${step}: ${document.bytes} bytes`);
	}
	t.diagnostic(sizes.join(", "));
});
