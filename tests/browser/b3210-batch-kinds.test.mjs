// 企业车主注销实名 and 责任人变更 walked to their ends: with script at a desk, the responsible person on a phone by code and by short message,
// and without script on a small screen; every page looked at, what goes wrong on the way mended there.
import assert from "node:assert/strict";
import test, { afterEach } from "node:test";

import { cardStates, until } from "../web/client.mjs";
import { allTasks, carsStep, companyCars, newCompany, scriptLicence, signedIn, submitted } from "../web/company.mjs";
import { Admin } from "./admin.mjs";
import { DESKTOP, Instance, inspect, launch, newContext, newPage, told, testBrowser } from "./browser.mjs";
import { Person } from "./person.mjs";

const instance = Instance.shared(), browser = testBrowser();
afterEach(() => ["identity", "carrier"].forEach((name) => instance.script(name)));

// A company with registered cars; its admin is signed out again.
async function registered(cars) {
	const company = newCompany(instance), v = await signedIn(instance, company, { cars: false });
	v.cars = await companyCars(instance, company, cars);
	scriptLicence(instance, company);
	await v.begin();
	await carsStep(v);
	await allTasks(v);
	await submitted(v);
	await cardStates(instance, v.batch);
	v.close();
	return v;
}
const current = (v) => Number(instance.value(`SELECT count(*) FROM registration g JOIN card_binding b ON b.card_id = g.card_id JOIN company_vehicle c ON c.vehicle_id = b.vehicle_id WHERE g.ended_at IS NULL AND c.company_id = '${v.company.id}'`));
const ended = (page, text) => until(`the end: ${text}`, () => page.locator("h1").textContent().then((heading) => heading.trim() === text), 60);

// The phone that opens the link: consents and is recorded there.
async function onPhone(url) {
	const context = await newContext(browser), page = await newPage(context, instance, { refused: true });
	await page.goto(url);
	await page.getByRole("button", { name: "继续", exact: true }).click();
	return { context, page, hand: new Person(instance, page, { flow: "fleet/person" }) };
}

test("责任人变更 at a desk: another person, his letter, verified on a phone by code, the desk goes on by itself", async () => {
	const v = await registered(2), context = await newContext(browser, { viewport: DESKTOP, hasTouch: false });
	const page = await newPage(context, instance, { refused: true }), admin = new Admin(instance, page, { flow: "fleet/person", phone: v.number });
	await admin.signIn();
	await inspect(page, "person-home");
	await admin.tap(/^责任人变更/, "link");
	await admin.at("notice");
	await inspect(page, "person-notice");
	await page.goBack();
	await admin.begin();
	await inspect(page, "person-cars");
	await admin.tap("下一步"); // nothing is chosen
	await told(page, ["all"]);
	await admin.allCars(2);
	await inspect(page, "person-tasks");
	// A letter that names somebody else is told, and can be put right.
	await admin.letterTask("王别人");
	instance.remember("王别人");
	await admin.companyTask();
	await admin.personTask();
	await page.getByText("需修改").waitFor();
	await page.getByRole("link", { name: /^授权书/ }).click();
	await page.getByText("授权书写的是“王别人”").waitFor();
	await inspect(page, "person-letter");
	await page.getByLabel("授权书上写的责任人姓名").fill(admin.name);
	await page.getByRole("button", { name: "核对无误，保存" }).click();
	await admin.at("tasks");
	await admin.attachmentsTask();
	await admin.at("consent");
	await inspect(page, "person-consent");
	await page.locator(".wide-only").getByRole("button", { name: "显示二维码" }).click();
	await page.getByRole("img", { name: "用手机扫描的二维码" }).waitFor();
	await inspect(page, "person-code");
	const { context: pocket, page: phone, hand } = await onPhone(await page.locator("a[href*='/c/']").getAttribute("href"));
	await page.getByText("手机已连接").waitFor();
	await hand.consent();
	await hand.digits();
	await inspect(phone, "person-phone");
	hand.at = (step) => (step === "agreements" ? phone.at("/handover") : Person.prototype.at.call(hand, step));
	await hand.clip();
	await phone.getByRole("heading", { name: "请回到电脑" }).waitFor();
	await admin.at("agreements"); // nobody has touched the desk
	await inspect(page, "person-agreements");
	assert.ok(!(await page.locator("main").textContent()).includes("您本人"), "a company is not a person");
	await admin.tap("下一步"); // without the tick
	await told(page, ["agree"]);
	await page.open("/fleet/person/agreements");
	await admin.agree();
	await admin.at("check");
	await inspect(page, "person-check");
	await page.goBack();
	await admin.at("agreements");
	await page.goForward();
	await admin.submit();
	await ended(page, "全部成功");
	await inspect(page, "person-result");
	assert.equal(await page.locator("[data-count=done]").textContent(), "2");
	assert.equal(current(v), 2);
	// Back to what was sent leads to how it stands, and never sends it again.
	await page.goBack();
	await page.waitForLoadState();
	await page.open(`/fleet/person/check`);
	assert.equal(new URL(page.url()).pathname, `/fleet/batch/${admin.batch}`);
	page.untroubled();
	phone.untroubled();
	await pocket.close();
	await context.close();
});

test("责任人变更: the link comes to the person by short message", async () => {
	const v = await registered(1), context = await newContext(browser, { viewport: DESKTOP, hasTouch: false });
	const page = await newPage(context, instance, { refused: true }), admin = new Admin(instance, page, { flow: "fleet/person", phone: v.number });
	await admin.signIn();
	await admin.begin();
	await admin.allCars(1);
	await admin.tasks();
	await page.locator(".wide-only").getByRole("button", { name: /发短信/ }).click();
	await page.getByText("短信已发到责任人手机").waitFor();
	const sent = await until("the link", () => instance.sms(admin.telephone).find((m) => m.template === "2000034"));
	const { context: pocket, page: phone, hand } = await onPhone(`${instance.endpoints.https}/c/${sent.parameters[0]}`);
	await hand.consent();
	hand.at = (step) => (step === "agreements" ? phone.at("/handover") : Person.prototype.at.call(hand, step));
	await hand.clip();
	await admin.at("agreements");
	page.untroubled();
	await pocket.close();
	await context.close();
});

test("企业车主注销实名 without script on a small screen: from the front page to the end of the registrations", async () => {
	const v = await registered(2), context = await newContext(browser, { javaScriptEnabled: false });
	const page = await newPage(context, instance, { refused: true }), admin = new Admin(instance, page, { flow: "fleet/cancel", phone: v.number, script: false, shots: "cancel-plain" });
	await admin.signIn();
	await admin.begin();
	for (const box of await page.getByRole("checkbox").all()) await box.check();
	await admin.picture("cars");
	await admin.tap("下一步");
	await admin.at("tasks");
	await admin.picture("tasks");
	await admin.companyTask();
	await admin.personTask();
	await page.getByRole("link", { name: /^附件/ }).click();
	await admin.at("attachments");
	await page.getByText("报废或收回的材料").waitFor();
	await page.goBack();
	await admin.letterTask();
	await admin.at("tasks");
	await admin.attachmentsTask();
	await admin.consent();
	await admin.clip();
	await page.getByText("由单位自愿取消登记").waitFor();
	await admin.agree();
	await admin.at("check");
	await page.getByText("车机上网和远程控制会停用").waitFor();
	await admin.picture("check");
	assert.equal(current(v), 2);
	await admin.submit();
	await ended(page, "全部成功");
	await admin.picture("result");
	assert.equal(current(v), 0, "the carrier has accepted");
	await context.close();
});

test("企业车主注销实名: its pages by rule and by eye; a desk without a camera sends a file", async () => {
	const v = await registered(1), shy = await launch("denied"), context = await newContext(shy, { viewport: DESKTOP, hasTouch: false });
	const page = await newPage(context, instance, { refused: true }), admin = new Admin(instance, page, { flow: "fleet/cancel", phone: v.number });
	instance.script("carrier", [{ match: { action: "account" }, then: { error: "400", message: "refused" } }]);
	await admin.signIn();
	await admin.begin();
	await admin.allCars(1);
	await inspect(page, "cancel-tasks");
	await admin.tasks();
	await admin.consent();
	await admin.clipChosen();
	await inspect(page, "cancel-agreements");
	await admin.agree();
	await admin.at("check");
	await inspect(page, "cancel-check");
	await admin.submit();
	await ended(page, "全部没有成功");
	instance.script("carrier");
	await inspect(page, "cancel-refused");
	assert.equal(current(v), 1, "refused: the registration stays");
	await page.getByRole("button", { name: "重试失败的 1 辆车" }).click();
	await page.waitForURL(/\/fleet\/cancel\//);
	await page.open(`/fleet/batch/${admin.batch}`);
	page.untroubled();
	await shy.close();
});
