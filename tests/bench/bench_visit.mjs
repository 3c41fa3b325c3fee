// What a first visit costs: the front page in a browser that has seen nothing, with everything that it loads, compressed, over TLS;
// bytes of headers and bodies as they came over the wire.
import { chromium } from "playwright-core";

import { Instance } from "../web/instance.mjs";
import { remark, result } from "./measure.mjs";

const instance = Instance.shared();
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium" });
try {
	const context = await browser.newContext({ ignoreHTTPSErrors: true, viewport: { width: 390, height: 844 } }), page = await context.newPage();
	const wire = await context.newCDPSession(page), answers = new Map();
	await wire.send("Network.enable");
	wire.on("Network.responseReceived", ({ requestId, response }) => answers.set(requestId, { url: new URL(response.url), status: response.status, bytes: 0 }));
	wire.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => {
		if (answers.has(requestId)) answers.get(requestId).bytes = encodedDataLength;
	});
	await page.goto(`${instance.endpoints.https}/`);
	await page.waitForLoadState("networkidle");
	const loaded = [...answers.values()].filter(({ url }) => url.protocol === "https:");
	if (loaded.length < 3 || loaded.some(({ status, bytes }) => status !== 200 || bytes === 0)) throw new Error("the page did not load whole");
	result("first_visit.bytes", loaded.reduce((sum, { bytes }) => sum + bytes, 0), "bytes");
	result("first_visit.requests", loaded.length, "requests");
	remark(loaded.map(({ url, bytes }) => `${url.pathname} ${bytes}`).join(", "));
} finally {
	await browser.close();
}
