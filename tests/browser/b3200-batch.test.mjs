// A batch in a browser: the pages of the cars, the check and the result looked at, the ticks with script, and a whole batch of 500 cars by
// hand with at most forty clicks.
import assert from "node:assert/strict";
import test, { afterEach } from "node:test";

import { until } from "../web/client.mjs";
import { allTasks, carsStep, companyCars, newCompany, scriptLicence, signedIn, submitted, verified } from "../web/company.mjs";
import { Admin } from "./admin.mjs";
import { DESKTOP, Instance, adopt, inspect, newContext, newPage, testBrowser } from "./browser.mjs";
import { cardFile } from "./media.mjs";

const instance = Instance.shared(), browser = testBrowser();
afterEach(() => instance.script("identity"));

const F = "/fleet/register";

async function begun(cars, options) {
	const company = newCompany(instance, options), v = await signedIn(instance, company, { cars: false });
	v.cars = await companyCars(instance, company, cars);
	scriptLicence(instance, company);
	await v.begin();
	return v;
}
async function desk(v) {
	const context = await newContext(browser, { viewport: DESKTOP }), page = await newPage(context, instance, { refused: true });
	await adopt(context, instance, v);
	return page;
}

test("the pages of the cars: empty, full, with errors, after a paste and an import", async () => {
	const v = await begun(60), page = await desk(v);
	await page.open(`${F}/cars`);
	await inspect(page, "batch-cars");
	await page.getByRole("button", { name: "全选本页 50 辆" }).click();
	assert.equal(await page.locator("[data-count=basket]").textContent(), "50");
	await page.getByRole("button", { name: "全选 60 辆（所有页）" }).click();
	await page.getByText("已选 60 辆").waitFor();
	await page.locator("#q").fill("<<");
	await page.getByRole("button", { name: "查找" }).click();
	await page.locator("#q-error").waitFor();
	await inspect(page, "batch-cars-error");
	await page.open(`${F}/cars`);
	await page.locator("#vins").fill(`${v.cars[0].vin}, ${v.cars[0].vin.toLowerCase()} ${v.cars[1].vin} 123`);
	assert.equal(await page.locator("[data-vins]").textContent(), "识别 2 个，重复 1，格式不对 1");
	await page.getByRole("button", { name: "加入", exact: true }).click();
	await page.getByText("有些车不能选").first().waitFor();
	await inspect(page, "batch-pasted");
	await page.open(`${F}/cars`);
	await page.setInputFiles("#file", { name: "cars.csv", mimeType: "text/csv", buffer: Buffer.from(`车架号\n${v.cars[0].vin}\nWRONG\n`) });
	await page.getByRole("button", { name: "上传" }).click();
	await page.getByRole("button", { name: "只加入正确的 1 辆" }).waitFor();
	await inspect(page, "batch-imported");
	page.untroubled();
	await page.context().close();
});

test("check, progress and result", async () => {
	const v = await begun(3);
	instance.sql(`UPDATE vehicle SET sales_time = 'yesterday' WHERE vin = '${v.cars[0].vin}'`);
	await carsStep(v);
	await allTasks(v);
	await verified(v);
	const gone = `DELETE FROM company_vehicle WHERE vin = '${v.cars[2].vin}'`, back = `INSERT INTO company_vehicle (company_id, vehicle_id, vin, model, standing, source) SELECT '${v.company.id}', id, vin, vehicle_model, 'free', 'import' FROM vehicle WHERE vin = '${v.cars[2].vin}'`;
	instance.sql(gone);
	const page = await desk(v);
	await page.open(`${F}/check`);
	await inspect(page, "batch-check");
	instance.sql(back);
	await page.open(`${F}/check`);
	await page.getByRole("button", { name: "提交登记 3 辆" }).click();
	await page.getByText("部分成功").first().waitFor();
	await inspect(page, "batch-result");
	page.untroubled();
	await page.context().close();
	const w = await begun(2, { trusted: false });
	await carsStep(w);
	await allTasks(w);
	await submitted(w);
	const path = w.page.path;
	await w.get("/fleet"); // the page of the batch waits for people
	const waits = await desk(w);
	await waits.open(path);
	await inspect(waits, "batch-review");
	// People ask for a paper: the page that is open says so by itself, and leads to it and back.
	await instance.ctl("review", "ask", path.split("/").pop(), "certificate_front", "--text", "照片反光，请重新拍人像面");
	await waits.getByRole("heading", { name: "请补充材料" }).waitFor();
	await inspect(waits, "batch-needs-more");
	await waits.open("/fleet");
	await inspect(waits, "fleet-needs-more");
	await waits.getByRole("link", { name: /^补充材料/ }).click();
	await waits.at("/supplement");
	await inspect(waits, "batch-supplement");
	await waits.locator("#file-camera").setInputFiles(cardFile("front", String(Math.random()).slice(2, 18)));
	await waits.getByText("补充的材料已收到").waitFor();
	assert.equal(new URL(waits.url()).pathname, path);
	await inspect(waits, "batch-given");
	await waits.open(`${path}/withdraw`);
	await inspect(waits, "batch-withdraw");
	await waits.context().close();
});

// A company with cars, and a page at its desk. camera: "denied" has none.
async function atDesk(cars) {
	const company = newCompany(instance), v = await signedIn(instance, company, { cars: false });
	v.cars = await companyCars(instance, company, cars);
	scriptLicence(instance, company);
	v.close();
	return v;
}

test("500 cars by hand: at most forty clicks from the front page to the batch, all of them made in the browser", async (t) => {
	const v = await atDesk(500), context = await newContext(browser, { viewport: DESKTOP, hasTouch: false });
	const page = await newPage(context, instance, { refused: true }), admin = new Admin(instance, page, { phone: v.number });
	let clicks = 0; // as the browser saw them; those in the window of the system, where files are chosen, it cannot see
	await page.exposeBinding("clicked", () => clicks++);
	await page.addInitScript(() => addEventListener("click", (event) => event.isTrusted && event.detail > 0 && window.clicked(), true));
	await admin.signIn();
	await admin.begin();
	await admin.allCars(500);
	await admin.tasks();
	await admin.consent();
	await admin.clip();
	await admin.agree();
	await admin.submit();
	t.diagnostic(`500 cars: ${admin.taps} clicks, ${clicks} of them on pages`);
	assert.ok(clicks >= 20 && clicks <= admin.taps, `${clicks} clicks seen, ${admin.taps} counted`);
	assert.ok(admin.taps <= 40, `${admin.taps} clicks`);
	await until("all of them are done", () => page.locator("h1").textContent().then((text) => text.includes("全部成功")), 300);
	assert.equal(await page.locator("[data-count=done]").textContent(), "500");
	page.untroubled();
	await context.close();
});
