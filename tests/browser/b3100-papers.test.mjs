// The tasks of a company's batch in a browser: every page looked at, files dropped into the zone, several at once.
import assert from "node:assert/strict";
import test, { afterEach } from "node:test";

import { companyTask, letterTask, newCompany, personTask, scriptLicence, signedIn } from "../web/company.mjs";
import { jpeg, pdf } from "../web/media.mjs";
import { DESKTOP, Instance, adopt, inspect, newContext, newPage, testBrowser } from "./browser.mjs";

const instance = Instance.shared(), browser = testBrowser();
afterEach(() => instance.script("identity"));

const F = "/fleet/register";

// A desk that is signed in for a company and has begun a batch; act: what was done before the page is looked at.
async function desk(act) {
	const company = newCompany(instance), v = await signedIn(instance, company);
	scriptLicence(instance, company);
	await v.begin();
	await act?.(v);
	const context = await newContext(browser, { viewport: DESKTOP }), page = await newPage(context, instance, { refused: true });
	await adopt(context, instance, v);
	return { v, company, context, page };
}

test("every page of the tasks, empty and filled", async () => {
	const { v, context, page } = await desk();
	for (const [path, name] of [["notice", "notice"], ["tasks", "tasks-new"], ["company", "company-none"], ["letter", "letter-none"], ["attachments", "attachments-none"], ["print/letter", "letter-print"]]) {
		await page.open(`${F}/${path}`);
		await inspect(page, `papers-${name}`);
	}
	page.untroubled();
	await context.close();
	const filled = await desk(async (w) => {
		await companyTask(w);
		await letterTask(w, "王别人");
		instance.remember("王别人");
		await personTask(w);
	});
	await filled.page.open(`${F}/attachments`);
	await filled.page.setInputFiles("#file-paper", [{ name: "a.pdf", mimeType: "application/pdf", buffer: pdf(["一", "二"]) }, { name: "b.jpg", mimeType: "image/jpeg", buffer: jpeg("b", { width: 900, height: 700 }) }, { name: "c.pdf", mimeType: "application/pdf", buffer: pdf(["三"]) }]);
	await filled.page.getByText("已上传 3 个").waitFor();
	for (const [path, name] of [["attachments", "attachments"], ["tasks", "tasks"], ["company", "company"], ["letter", "letter-differs"], ["identity", "identity"], ["front", "front"]]) {
		await filled.page.open(`${F}/${path}`);
		await inspect(filled.page, `papers-${name}`);
	}
	filled.page.untroubled();
	await filled.context.close();
	v.close();
});

test("a file is dropped into the zone; one that is no paper is told; beside the zone nothing happens", async () => {
	const { context, page } = await desk();
	await page.open(`${F}/letter`);
	const drop = (where, name, type, bytes) => page.evaluate(([where, name, type, base64]) => {
		const data = new DataTransfer();
		data.items.add(new File([Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))], name, { type }));
		for (const kind of ["dragover", "drop"]) document.querySelector(where).dispatchEvent(new DragEvent(kind, { dataTransfer: data, bubbles: true, cancelable: true }));
	}, [where, name, type, bytes.toString("base64")]);
	await drop("[data-drop]", "x.txt", "text/plain", Buffer.from("no paper"));
	await page.getByText("请使用 JPG、PNG、BMP 照片或 PDF 文件").first().waitFor();
	await drop("h1", "letter.pdf", "application/pdf", pdf(["一"]));
	assert.match(page.url(), /letter$/);
	await drop("[data-drop]", "letter.pdf", "application/pdf", pdf(["授权书"]));
	await page.getByText("第三步：核对").waitFor();
	await page.getByText("第三步：核对").scrollIntoViewIfNeeded();
	await inspect(page, "papers-letter", { html: await (await page.request.get(page.url())).text() });
	page.untroubled();
	await context.close();
});
