// 大字版 as a person sees it: every page large, nothing lost at 320 px nor with the letters of the browser doubled, room for a finger, contrast of seven.
import assert from "node:assert/strict";
import test from "node:test";

import { importCars } from "../web/cars.mjs";
import { cardStates, journey, newPhone } from "../web/client.mjs";
import { Instance, adopt, inspect, newContext, newPage, screenshot, violations, testBrowser } from "./browser.mjs";

const instance = Instance.shared(), PIXELS = 23, LINE = 1.5, TARGET = 60;
const browser = testBrowser();

async function largeContext(visitor) {
	const context = await newContext(browser);
	if (visitor) await adopt(context, instance, visitor);
	await context.addCookies([{ name: "care", value: "1", url: instance.endpoints.https, secure: true, httpOnly: true, sameSite: "Lax" }]);
	return context;
}

// What is smaller, tighter or paler than promised. Runs in the page, after axe has been loaded into it.
function measure({ PIXELS, LINE, TARGET }) {
	const found = [], shown = (e) => e.checkVisibility({ checkVisibilityCSS: true }) && !e.closest("[aria-hidden=true], .hide, svg, .skip");
	const name = (e) => `${e.tagName}.${e.className} "${(e.textContent || e.name || "").trim().slice(0, 20)}"`;
	if (document.body.dataset.mode !== "care") found.push("the body is not in large mode");
	const base = parseFloat(getComputedStyle(document.body).fontSize), root = parseFloat(getComputedStyle(document.documentElement).fontSize) / 16;
	if (Math.abs(base / root - PIXELS) > 0.1) found.push(`text of ${base} px`);
	for (const e of document.querySelectorAll("a, button, summary, input:not([type=hidden]), textarea")) {
		if (!shown(e)) continue;
		const box = (e.matches("[type=checkbox], [type=radio]") ? e.closest("label") : e).getBoundingClientRect();
		if (box.height < TARGET - 0.5 || box.width < TARGET - 0.5) found.push(`target of ${Math.round(box.width)} x ${Math.round(box.height)}: ${name(e)}`);
	}
	const buttons = [...document.querySelectorAll(".btn")].filter(shown).map((e) => [e, e.getBoundingClientRect()]);
	for (const [a, one] of buttons) for (const [b, two] of buttons) if (a !== b && one.top < two.bottom - 1 && two.top < one.bottom - 1) found.push(`two buttons in a row: ${name(a)}, ${name(b)}`);
	for (const e of document.querySelectorAll("p, li, dd, dt, h1, h2, label, legend, summary, .btn, strong, small")) {
		if (!shown(e) || !e.textContent.trim()) continue;
		const style = getComputedStyle(e);
		if (parseFloat(style.lineHeight) < LINE * parseFloat(style.fontSize) - 0.1) found.push(`lines of ${style.lineHeight} for ${style.fontSize}: ${name(e)}`);
		if (parseFloat(style.fontSize) / root < 17) found.push(`letters of ${style.fontSize}: ${name(e)}`);
	}
	return [...new Set(found)];
}

// What is wider than the window or cut off. Runs in the page.
function overflow() {
	const root = document.documentElement, found = [];
	if (root.scrollWidth > root.clientWidth) found.push(`scrolls sideways: ${root.scrollWidth} > ${root.clientWidth}: ${[...document.querySelectorAll("body *")].filter((e) => e.getBoundingClientRect().right > root.clientWidth + 1 && !e.closest("svg, .hide")).slice(0, 4).map((e) => `${e.tagName}.${e.className}`).join(", ")}`);
	for (const e of document.querySelectorAll("main *, header *, footer *")) {
		if (!e.checkVisibility() || e.closest(".hide, svg") || e.matches("input, textarea")) continue;
		if (getComputedStyle(e).overflowX !== "visible" && e.scrollWidth > e.clientWidth + 1) found.push(`cut off: ${e.tagName}.${e.className}`);
		if (e.children.length === 0 && e.textContent.trim() && e.clientWidth > 0 && e.getBoundingClientRect().width < parseFloat(getComputedStyle(e).fontSize) * Math.min(2, e.textContent.trim().length) * 0.45) found.push(`squeezed: ${e.tagName}.${e.className} ${e.textContent.trim().slice(0, 20)}`);
	}
	return found;
}

async function contrast(page) {
	await violations(page); // brings axe
	return page.evaluate(async () => {
		const report = await axe.run(document, { runOnly: { type: "rule", values: ["color-contrast-enhanced"] }, resultTypes: ["violations"] });
		return report.violations.flatMap((one) => one.nodes).filter((node) => node.any.some((check) => check.data.contrastRatio < 7)).map((node) => `contrast ${node.any[0].data.contrastRatio}: ${node.target}`);
	});
}

async function check(page, name, html) {
	const found = [];
	await inspect(page, `care-${name}`, { widths: [], large: [320], picture: false, html }); // the other widths: b2100, b2800
	for (const [width, letters] of [[320, 100], [390, 100], [640, 100], [390, 200], [320, 200]]) {
		await page.setViewportSize({ width, height: 800 });
		await page.evaluate((percent) => {
			document.documentElement.style.fontSize = `${percent}%`;
		}, letters);
		const at = `${width} px, letters ${letters} %`;
		if (letters === 100) found.push(...(await page.evaluate(measure, { PIXELS, LINE, TARGET })).map((one) => `${at}: ${one}`));
		found.push(...(await page.evaluate(overflow)).map((one) => `${at}: ${one}`));
		if (width === 320 || letters === 200) await screenshot(page, `care-${name}-${letters}`, { width, height: 800 });
	}
	found.push(...(await contrast(page)));
	await page.evaluate(() => document.documentElement.removeAttribute("style"));
	await page.setViewportSize({ width: 390, height: 844 });
	assert.deepEqual(found, [], name);
}

const OPEN = [["home", "/"], ["notice", "/register/notice"], ["cancel-notice", "/cancel/notice"], ["refusal", "/register/refused/not-registered"], ["missing", "/nothing"], ["method", "/records/leave"], ["records-phone", "/records/phone"],
	["agreement", "/agreement/privacy"], ["help", "/help"], ["complaint", "/complaint"], ["follow", "/complaint/follow"]];
for (const [name, path] of OPEN)
	test(name, async () => {
		const context = await largeContext(), page = await newPage(context, instance, { refused: true });
		await page.open(path);
		for (const summary of await page.locator("main summary").all()) await summary.click();
		await check(page, name);
		page.untroubled();
		await context.close();
	});

const STEPS = ["vehicle", "cards", "phone", "code", "front", "back", "identity", "consent", "liveness", "agreements", "check", "done"];
for (const step of STEPS)
	test(`step ${step}`, async () => {
		const [car] = await importCars(instance, [{ cards: 2 }]), context = await largeContext(await journey(instance, car, { stop: step })), page = await newPage(context, instance);
		await page.open(`/register/${step}`);
		if (step === "liveness") await page.locator("[data-say] .say-digits").waitFor();
		for (const summary of await page.locator("main summary").all()) if (await summary.isVisible()) await summary.click();
		await check(page, step);
		page.untroubled();
		await context.close();
	});

test("records, and errors of a form", async () => {
	const [car] = await importCars(instance), phone = newPhone(), v = await journey(instance, car, { phone });
	await cardStates(instance, v.application);
	const context = await largeContext(v), page = await newPage(context, instance, { refused: true });
	await page.open("/records");
	await page.getByText("实名成功").waitFor();
	await check(page, "records");
	await page.open("/complaint");
	await page.getByRole("button", { name: "提交" }).click();
	await page.locator("#summary").waitFor();
	await check(page, "complaint-errors");
	page.untroubled();
	await context.close();
});

test("a complaint: written, its number shown, followed", async () => {
	const context = await largeContext(), page = await newPage(context, instance);
	await page.open("/complaint");
	await page.getByLabel("服务投诉").check();
	await page.getByLabel("具体情况").fill("等了三天也没有人回电话，请尽快处理。");
	await page.getByRole("button", { name: "提交" }).click();
	await page.at("/complaint/state");
	await check(page, "complaint-state");
	const number = (await page.locator("dd.mono").textContent()).trim();
	await instance.ctl("complaint", "answer", number, "已联系您，抱歉让您久等了。".repeat(8));
	await context.clearCookies({ name: "__Host-sid" });
	await page.open("/complaint/follow");
	await page.getByLabel("投诉编号").fill(number.toLowerCase());
	await page.getByRole("button", { name: "查询" }).click();
	await page.at("/complaint/state");
	await page.getByText("已联系您").waitFor();
	await check(page, "complaint-answered");
	page.untroubled();
	await context.close();
});

test("the switch: in the page itself what was typed stays; without script the same page comes back", async () => {
	for (const scriptless of [false, true]) {
		const context = await newContext(browser), page = await newPage(context, instance, { scriptless, refused: scriptless });
		await page.open("/complaint");
		await page.getByLabel("具体情况").fill("写到一半的话");
		const small = await page.evaluate(() => parseFloat(getComputedStyle(document.body).fontSize));
		for (const [from, to] of [["大字版", "标准版"], ["标准版", "大字版"], ["大字版", "标准版"]]) {
			await page.getByRole("link", { name: from }).click();
			await page.getByRole("link", { name: to }).waitFor();
			if (!scriptless) assert.equal(await page.getByLabel("具体情况").inputValue(), "写到一半的话");
		}
		assert.equal(new URL(page.url()).pathname, "/complaint");
		assert.ok((await page.evaluate(() => parseFloat(getComputedStyle(document.body).fontSize))) / small > 1.3);
		await page.open("/help");
		assert.equal(await page.evaluate(() => document.body.dataset.mode), "care", "the next page is large as well");
		page.untroubled();
		await context.close();
	}
});

// The ordinary pages with the letters of the browser doubled.
test("ordinary pages with letters of 200 %", async () => {
	const context = await newContext(browser), page = await newPage(context, instance, { refused: true }), found = [];
	for (const [name, path] of OPEN) {
		await page.open(path);
		for (const width of [320, 390]) {
			await page.setViewportSize({ width, height: 800 });
			await page.evaluate(() => {
				document.documentElement.style.fontSize = "200%";
			});
			found.push(...(await page.evaluate(overflow)).map((one) => `${name} ${width} px: ${one}`));
		}
	}
	assert.deepEqual(found, []);
	await context.close();
});
