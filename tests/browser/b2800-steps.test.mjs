// Every page of every step of every flow, in earnest and in practice: as it comes with everything unfolded, and as it comes back
// when its form was sent empty; each at four widths, in both sizes of text. A new step is here as soon as it is in its flow.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { Instance, inspect, newContext, newPage, share, told, testBrowser } from "./browser.mjs";
import { FLOWS, walk } from "./walk.mjs";

// Pages with nothing to fill in, and so without an error. What is hidden is a field as well: the check page's token. Practice has none.
const NO_FIELDS = { earnest: ["done"], practice: ["notice", "check", "done"] };
// Words that show that it is the page meant.
const SAYS = { notice: "请先准备好", vehicle: "车架号在哪里找", cards: /选择要(登记|注销|变更)的车联网卡/, phone: /的手机号/, code: "没收到短信？", front: "人像面", "front-read": "照片清楚，已识别", back: "国徽面",
	"back-read": "照片清楚，已识别", identity: "识别结果可能有误", consent: "为什么要录像", papers: "改回人脸核验", "papers-given": "给工作人员的说明", liveness: "大声读出这 4 个数字", agreements: "请阅读以下文件", check: /提交(登记|注销|变更)/, done: /受理编号|模拟完成/ };
const PICTURES = ["register", "practice/register"];

const instance = Instance.shared(), browser = testBrowser();

// Sends the step's own form with nothing in it, past everything that the script would say first. False when it has no field.
async function sendEmpty(page, hidden) {
	const form = await page.evaluateHandle((hidden) => [...document.querySelectorAll("main form[method=post]")].find((form) => {
		const at = new URL(form.getAttribute("action"), location).pathname;
		return (at === location.pathname || at.includes("/upload/")) && [...form.elements].some((e) => e.name !== "csrf" && e.type !== "submit" && (hidden || e.type !== "hidden"));
	}) ?? null, hidden);
	if (!form.asElement()) return false;
	await Promise.all([page.waitForEvent("load"), form.evaluate((form) => {
		for (const e of form.elements) {
			if (e.type === "checkbox") e.checked = false;
			else if (e.name !== "csrf" && e.type !== "file") e.value = "";
		}
		HTMLFormElement.prototype.submit.call(form);
	})]);
	return true;
}

describe("every step", { concurrency: 2 }, () => {
	for (const flow of (process.env.F ? process.env.F.split(",") : FLOWS))
		test(flow, async (t) => {
			const context = await newContext(browser), page = await newPage(context, instance, { refused: true }), seen = [], silent = [];
			const earnest = !flow.includes("/"), narrow = { large: [320] }; // the narrowest is where large text first goes wrong
			await walk(instance, flow, async (name, visitor) => {
				const label = `step-${flow.replace("/", "-")}-${name}`, path = visitor.page.path;
				seen.push(name);
				await share(context, instance, visitor);
				await page.open(path);
				assert.equal(new URL(page.url()).pathname, path);
				assert.equal(page.watch.document.status(), 200);
				assert.match(await page.locator("main").innerText(), new RegExp(SAYS[name] ?? ""));
				await page.evaluate(() => document.querySelectorAll("main details").forEach((one) => (one.open = true)));
				await inspect(page, label, { ...(earnest ? {} : narrow), picture: PICTURES.includes(flow) });
				if (name.includes("-")) return; // a second look at a step
				if (!(await sendEmpty(page, earnest))) return silent.push(name);
				assert.match(String(page.watch.document.status()), /^4(09|22)$/, `${label}: sent empty`);
				if (page.watch.document.status() === 422) await told(page);
				await inspect(page, `${label}-empty`, { ...narrow, picture: PICTURES.includes(flow) });
			});
			t.diagnostic(`${flow}: ${seen.join(" ")}`);
			assert.deepEqual(silent, NO_FIELDS[earnest ? "earnest" : "practice"], "no other page is without a field");
			page.untroubled();
			await context.close();
		});
});
