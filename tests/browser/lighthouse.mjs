// Lighthouse with its mobile settings in Debian's Chromium, at pages as a visitor with a session sees them over TLS.
import { createHash, X509Certificate } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "node:tls";
import lighthouse from "lighthouse";
import { pageFunctions } from "lighthouse/core/lib/page-functions.js";
import { chromium } from "playwright-core";

import { until } from "../web/instance.mjs";
import { share } from "./browser.mjs";

// Chromium takes the site's own key, and no other certificate that it does not know.
function keyHash(instance) {
	const { hostname: host, port } = new URL(instance.endpoints.https);
	return new Promise((done, failed) => {
		const socket = connect({ host, port, ca: instance.ca, checkServerIdentity: () => undefined }, () => {
			const key = new X509Certificate(socket.getPeerCertificate().raw).publicKey.export({ type: "spki", format: "der" });
			socket.end();
			done(createHash("sha256").update(key).digest("base64"));
		}).on("error", failed);
	});
}

// For categories that no clock goes into: no waiting until network and processor have been quiet for seconds, no second of measuring how
// fast this machine is.
const AT_ONCE = { pauseAfterFcpMs: 0, pauseAfterLoadMs: 0, networkQuietThresholdMs: 100, cpuQuietThresholdMs: 0 };
const measureMachine = pageFunctions.computeBenchmarkIndex;

export class Lighthouse {
	static async start(instance) {
		const folder = mkdtempSync(join(tmpdir(), "lighthouse-")), port = () => {
			try {
				return Number(readFileSync(join(folder, "DevToolsActivePort"), "utf8").split("\n")[0]);
			} catch {
				return 0; // not yet
			}
		};
		const context = await chromium.launchPersistentContext(folder, { executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
			args: ["--remote-debugging-port=0", `--ignore-certificate-errors-spki-list=${await keyHash(instance)}`] });
		return Object.assign(new Lighthouse(), { instance, folder, context, port: await until("Chromium's port", port) });
	}
	async stop() {
		await this.context.close();
		rmSync(this.folder, { recursive: true, force: true, maxRetries: 10 });
	}

	// Scores of 0 to 100 by category, and in `lost` what took points away. The page is loaded with an empty cache.
	async audit(path, visitor, categories) {
		const url = `${this.instance.endpoints.https}${path}`;
		await this.context.clearCookies();
		await share(this.context, this.instance, visitor);
		const timed = categories.includes("performance");
		pageFunctions.computeBenchmarkIndex = timed ? measureMachine : () => 0;
		const run = () => lighthouse(url, { port: this.port, onlyCategories: categories, disableFullPageScreenshot: true, logLevel: "silent", ...(timed ? {} : AT_ONCE) });
		let { lhr } = await run();
		for (let more = 2; lhr.runtimeError && more > 0; more--) ({ lhr } = await run()); // Chromium's trace can lack the page's beginning: "Please run Lighthouse again"
		if (lhr.runtimeError || lhr.finalDisplayedUrl !== url) throw new Error(`${path}: ${lhr.runtimeError?.message ?? `led to ${lhr.finalDisplayedUrl}`}`);
		const scores = Object.fromEntries(Object.values(lhr.categories).map((one) => [one.id, Math.round(one.score * 100)]));
		const weights = Object.values(lhr.categories).flatMap((one) => one.auditRefs).filter((one) => one.weight > 0);
		const lost = weights.map((one) => lhr.audits[one.id]).filter((one) => one.score !== null && one.score < 0.9).map((one) => `${one.id} ${one.displayValue ?? JSON.stringify(one.details?.items?.[0] ?? "")}`);
		return { scores, lost };
	}
}
