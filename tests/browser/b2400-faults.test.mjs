// The pages of faults, each by its fault in an instance of its own: the database away, the web program away, too many requests;
// and, as nginx would send them, those that take too long to come by.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import test, { after, before } from "node:test";

import { importCars } from "../web/cars.mjs";
import { journey } from "../web/client.mjs";
import { TOP, until } from "../web/instance.mjs";
import { Instance, adopt, inspect, launch, newContext, newPage } from "./browser.mjs";

let instance, browser, supervisor, page, context;
before(async () => {
	[instance, browser] = await Promise.all([Instance.start("faults", { REQUEST_RATE: "1r/s" }), launch()]);
	supervisor = Number(readFileSync(join(instance.runDir, "pid"), "utf8"));
	context = await newContext(browser);
	const [car] = await importCars(instance, 1);
	await adopt(context, instance, await journey(instance, car, { stop: "phone" }));
	page = await newPage(context, instance, { refused: true });
});
after(async () => {
	if (supervisor) process.kill(supervisor, "SIGCONT");
	await Promise.all([browser?.close(), instance?.stop()]);
});

// A part of the instance is stopped in order while the supervisor, halted, does not start it again.
function take(program, signal) {
	process.kill(supervisor, "SIGSTOP");
	const line = execFileSync("ps", ["-o", "pid=,args=", "--ppid", String(supervisor)], { encoding: "utf8" }).split("\n").find((one) => one.includes(program));
	const pid = Number(line.trim().split(" ")[0]);
	process.kill(pid, signal);
	return until(`${program} is gone`, () => /^(Z|)$/.test(execFileSync("bash", ["-c", 'ps -o stat= -p "$0" | cut -c1', String(pid)], { encoding: "utf8" }).trim()));
}
// Another worker may still believe for a second that the database is away.
const opened = (path) => until(path, async () => (await page.open(path), page.watch.document.status() === 200));
async function mend() {
	process.kill(supervisor, "SIGCONT");
	await until("all is well again", async () => (await context.request.get(`${instance.endpoints.https}/readyz`)).status() === 200, 120);
}

test("503 of the application: the database is away, the answers are kept", async () => {
	await page.open("/register/phone");
	await page.getByLabel("车主本人的手机号", { exact: true }).fill("13800138000");
	await take("bin/postgres", "SIGINT");
	await page.getByRole("button", { name: "获取验证码" }).click();
	await page.getByRole("heading", { name: "服务暂时不可用" }).waitFor();
	assert.equal(page.watch.document.status(), 503);
	assert.match(await page.locator("main").innerText(), /已保存/);
	await inspect(page, "error-503");
	await mend();
	await opened("/register/phone"); // the draft is there
	await page.getByLabel("车主本人的手机号", { exact: true }).waitFor();
});

test("502 of nginx: the web program is away", async () => {
	await take("realname-web", "SIGTERM");
	await page.open("/register/phone");
	assert.equal(page.watch.document.status(), 502);
	await inspect(page, "error-502");
	await mend();
});

test("429 of nginx: too many requests", async () => {
	await until("429", async () => {
		const many = Array.from({ length: 80 }, () => context.request.get(`${instance.endpoints.https}/agreement/face`));
		await page.open("/register/phone");
		await Promise.all(many);
		return page.watch.document.status() === 429;
	}, 60);
	await inspect(page, "error-429");
});

for (const status of [413, 503, 504])
	test(`the page that nginx sends with ${status}`, async () => {
		const html = readFileSync(resolve(TOP, process.env.BUILD ?? "build", `static/errors/${status}.html`), "utf8");
		await page.route("**/fault", (route) => route.fulfill({ status, contentType: "text/html; charset=utf-8", body: html }));
		await page.open("/fault");
		await inspect(page, `error-nginx-${status}`, { html });
		await page.unroute("**/fault");
	});

test("none of them had an error of its own", () => page.untroubled());
