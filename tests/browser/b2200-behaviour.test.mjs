// What people do and what happens to them: back, pressing twice, reloading, a network that breaks, a browser that is closed, a
// camera that is refused, photographs of full size.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { after, before } from "node:test";

import { importCars } from "../web/cars.mjs";
import { cardStates, journey, newPhone, until } from "../web/client.mjs";
import { DESKTOP, Instance, adopt, inspect, launch, launchProfile, newContext, newPage } from "./browser.mjs";
import { cardFile, clipFile } from "./media.mjs";
import { Person } from "./person.mjs";

const instance = Instance.shared();
let browser;
const opened = []; // whatever happens, nothing stays open
before(async () => {
	browser = await launch();
	opened.push(browser);
});
after(() => Promise.all(opened.map((one) => one.close())));

const mark = () => String(Math.random()).slice(2, 18);

// A page of a visitor that was brought to a step, in a fresh context.
async function standing(stop, { options = {}, refused = false, context } = {}) {
	const [car] = await importCars(instance, 1), v = await journey(instance, car, { stop, ...options });
	context ??= await newContext(browser);
	await adopt(context, instance, v);
	const page = await newPage(context, instance, { refused });
	await page.open(`/register/${stop}`);
	return { car, page, context, phone: v.number };
}
const submitted = (car) => Number(instance.value(`SELECT count(*) FROM application a JOIN vehicle v ON v.id = a.vehicle_id WHERE v.vin = '${car.vin}' AND a.submitted_at IS NOT NULL`));

test("back after the submission leads to 已受理 and submits nothing", async () => {
	const { car, page, context } = await standing("check");
	await page.getByRole("button", { name: "提交登记" }).click();
	await page.at("/register/done");
	await page.goBack();
	if (new URL(page.url()).pathname === "/register/check") await page.getByRole("button", { name: "提交登记" }).click(); // kept by the browser
	await page.at("/register/done");
	assert.match(await page.locator("main").innerText(), /受理编号/);
	assert.equal(submitted(car), 1);
	page.untroubled();
	await context.close();
});

test("pressing twice submits once", async () => {
	const { car, page, context } = await standing("check");
	const posts = () => page.watch.requests.filter((one) => one.startsWith("POST")).length;
	await page.getByRole("button", { name: "提交登记" }).dblclick();
	await page.at("/register/done");
	assert.equal(posts(), 1, "the second press sent nothing");
	assert.equal(submitted(car), 1);
	page.untroubled();
	await context.close();
});

test("two windows that submit at the same time submit once", async () => {
	const { car, page, context } = await standing("check"), other = await newPage(context, instance);
	await other.open("/register/check");
	await Promise.all([page, other].map((one) => one.getByRole("button", { name: "提交登记" }).click()));
	await Promise.all([page.at("/register/done"), other.at("/register/done")]);
	assert.equal(submitted(car), 1);
	page.untroubled();
	other.untroubled();
	await context.close();
});

test("the wait before another SMS goes on over a reload, which sends nothing; then the button comes by itself", async () => {
	const { page, context, phone } = await standing("code");
	await instance.code(phone);
	instance.sql("UPDATE sms_code SET created_at = clock_timestamp()"); // just now, however long it took to come here
	await page.reload();
	const wait = page.locator("[data-resend-wait]"), again = page.getByRole("button", { name: "重新获取验证码" });
	const seconds = async () => Number(/(\d+) 秒/.exec(await wait.textContent())[1]);
	const first = await seconds();
	assert.ok(first > 20 && first <= 60, `${first} s`);
	assert.equal(await again.isVisible(), false);
	await page.waitForFunction((was) => Number(/(\d+) 秒/.exec(document.querySelector("[data-resend-wait]").textContent)[1]) < was, first);
	const before = await seconds();
	await page.reload();
	assert.ok((await seconds()) <= before, "not from the start again");
	assert.equal(instance.sms(phone).length, 1, "a reload sends nothing");
	// A minute later.
	instance.sql("UPDATE sms_code SET created_at = created_at - interval '58 seconds'; UPDATE attempt SET at = at - interval '61 seconds' WHERE kind LIKE 'sms.%'");
	await page.reload();
	await again.waitFor();
	const old = await instance.code(phone);
	await again.click();
	const renewed = await instance.code(phone, 2);
	await page.getByText("秒后可以重新获取").waitFor();
	await page.getByLabel("短信验证码", { exact: true }).fill(old);
	await page.getByRole("button", { name: "下一步" }).click();
	await page.at("/register/front"); // the old code is still good
	assert.notEqual(old, renewed);
	page.untroubled();
	await context.close();
});

test("the page of the code tells what became of the SMS and leaves alone what is typed", async () => {
	const { page, context, phone } = await standing("code", { refused: true }), code = await instance.code(phone);
	let fails = 1; // the first time that it asks what to tell
	await page.route("**/register/code", (route) => {
		const request = route.request();
		return request.isNavigationRequest() || request.headers().accept === "application/json" || fails-- <= 0 ? route.continue() : route.fulfill({ status: 503, body: "" });
	});
	const become = (state) => instance.sql(`UPDATE sms_message SET state = '${state}' WHERE id = (SELECT message_id FROM sms_code ORDER BY created_at DESC LIMIT 1)`);
	await until("it is sent", () => instance.value("SELECT m.state FROM sms_message m JOIN sms_code c ON c.message_id = m.id ORDER BY c.created_at DESC LIMIT 1") === "sent");
	for (const [state, says] of [["sent", "已发送至"], ["failed", "短信暂时发不出去"]]) {
		become("waiting");
		await page.reload();
		await page.getByText("正在向").waitFor();
		await page.locator("#code").fill(code.slice(0, 3));
		become(state);
		await page.getByText(says).waitFor();
		assert.equal(await page.getByText("正在向").count(), 0);
		assert.equal(await page.locator("#code").inputValue(), code.slice(0, 3));
	}
	assert.ok(fails < 0);
	await page.locator("#code").fill(code);
	await page.getByRole("button", { name: "下一步" }).click();
	await page.at("/register/front");
	page.untroubled();
	await context.close();
});

test("a pasted SMS is cut down to its code", async () => {
	const { page, context, phone } = await standing("code");
	const code = await instance.code(phone);
	await page.locator("#code").evaluate((input, text) => {
		const data = new DataTransfer();
		data.setData("text", text);
		input.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
	}, `【车联网卡】验证码 ${code}，10 分钟内有效`);
	assert.equal(await page.locator("#code").inputValue(), code);
	await context.close();
});

test("errors: the summary has the focus, what was typed stays, the second try goes on", async () => {
	const { car, page, context } = await standing("vehicle", { refused: true });
	await page.locator("#vin").fill(car.vin.slice(0, 10));
	await page.locator("#proof").fill(car.proof);
	await page.getByRole("button", { name: "下一步" }).click();
	await page.locator("#summary").waitFor();
	await page.waitForLoadState();
	assert.equal(await page.evaluate(() => document.activeElement.id), "summary");
	assert.equal(await page.locator("#vin").inputValue(), car.vin.slice(0, 10));
	assert.equal(await page.locator("#proof").inputValue(), car.proof);
	await page.getByRole("link", { name: /车架号应为 17 位/ }).press("Enter");
	assert.equal(await page.evaluate(() => document.activeElement.id), "vin");
	await page.locator("#vin").fill(car.vin);
	await page.locator("#proof").fill("");
	await page.locator("#vin").press("Enter"); // a phone calls this key "next"
	assert.equal(await page.evaluate(() => document.activeElement.id), "proof");
	await page.locator("#proof").fill(car.proof);
	await page.locator("#proof").press("Enter");
	await page.at("/register/cards");
	await context.close();
});

test("back and reload after an error ask for the page, not for the form to be sent again", async () => {
	const { car, page, context } = await standing("cards", { refused: true });
	await page.locator("main input[type=checkbox]").first().uncheck(); // the only card is chosen already
	await page.getByRole("button", { name: "下一步" }).click();
	await page.locator("#summary").waitFor();
	await page.locator("main input[type=checkbox]").first().check();
	await page.getByRole("button", { name: "下一步" }).click();
	await page.at("/register/phone");
	await page.goBack();
	await page.at("/register/cards");
	assert.equal(await page.locator("#summary").count(), 0);
	assert.ok(await page.locator("main input[type=checkbox]").first().isChecked(), "what was sent is kept");
	// A page without a draft.
	await page.open("/records/phone");
	await page.locator("#phone").fill("123");
	await page.getByRole("button", { name: "获取验证码" }).click();
	await page.locator("#summary").waitFor();
	await page.waitForLoadState();
	await page.reload();
	assert.equal(new URL(page.url()).pathname, "/records/phone");
	assert.equal(await page.locator("#summary").count(), 0);
	assert.equal(submitted(car), 0);
	page.untroubled();
	await context.close();
});

test("a network that breaks while a picture goes up: told, and goes on by itself when it is back", async () => {
	const { page, context } = await standing("front", { refused: true });
	await context.setOffline(true);
	await page.locator("#file-camera").setInputFiles(cardFile("front", mark()));
	await page.getByText(/网络中断，已上传 \d+%，恢复后会自动继续/).first().waitFor();
	await inspect(page, "state-front-offline", { html: await (await context.request.get(page.url())).text() });
	await context.setOffline(false);
	await page.getByText("照片清楚，已识别").waitFor();
	await context.close();
});

test("another tab signed in meanwhile: the token is asked for anew, small files and pieces alike", async () => {
	const { page, context } = await standing("front", { refused: true });
	const makeOld = () => page.evaluate(() => {
		for (const box of document.querySelectorAll("[data-url]")) box.dataset.url = box.dataset.url.replace(/csrf=[^&]*/, "csrf=old");
	});
	await makeOld();
	await page.locator("#file-camera").setInputFiles(bigFile());
	await page.getByText("照片清楚，已识别").waitFor();
	await page.getByRole("button", { name: "下一步" }).click();
	await page.at("/register/back");
	await page.waitForLoadState();
	await makeOld();
	await page.locator("#file-camera").setInputFiles(cardFile("back", mark()));
	await page.getByText("照片清楚，已识别").waitFor();
	await context.close();
});

// While the answer of a waiting page is on its way, which would lead elsewhere, something else is sent. act: sends it; done: how its end is seen.
async function sentMeanwhile(act, done) {
	const { page, context, car } = await standing("front", { context: await newContext(browser, { viewport: DESKTOP, hasTouch: false }) });
	const gate = () => {
		const one = {};
		one.opens = new Promise((open) => (one.open = open));
		return one;
	};
	const poll = gate(), post = gate(), asked = gate(), posted = gate();
	await page.locator(".wide-only").getByRole("button", { name: "显示二维码" }).click();
	await page.getByRole("img", { name: "用手机扫描的二维码" }).waitFor();
	await page.route("**/register/**", async (route) => {
		const request = route.request();
		if (request.method() === "POST") {
			posted.open();
			await post.opens;
			return route.continue();
		}
		if (request.headers().accept !== "application/json" || post.over) return route.continue();
		asked.open();
		await poll.opens;
		return route.fulfill({ json: { waiting: false, location: "/register/notice" } });
	});
	await asked.opens; // on its way
	await act(page);
	await posted.opens;
	const heard = page.waitForEvent("requestfinished", (request) => request.method() === "GET" && request.headers().accept === "application/json");
	poll.open();
	await heard;
	post.over = true;
	post.open();
	await done(page, car);
	assert.deepEqual(page.watch.requests.filter((one) => one.endsWith("/register/notice")), []);
	await context.close();
}
test("a waiting page whose answer comes while a form is on its way: the form counts", () =>
	sentMeanwhile((page) => page.getByRole("button", { name: "取消", exact: true }).click({ noWaitAfter: true }), (page) => page.locator(".wide-only").getByRole("button", { name: "显示二维码" }).waitFor()));
test("a waiting page whose answer comes while a picture goes up: the picture counts", () =>
	sentMeanwhile((page) => page.locator("#file-camera").setInputFiles(cardFile("front", mark())), (page, car) =>
		until("it is read", () => instance.value(`SELECT count(*) FROM application a JOIN vehicle v ON v.id = a.vehicle_id WHERE v.vin = '${car.vin}' AND a.front_ready_at IS NOT NULL`) === "1")));

// Everything that is sent to the resumable address: {method, offset, bytes} each.
function watchPieces(page) {
	const sent = [];
	page.on("request", (request) => {
		if (!request.url().includes("/resume/")) return;
		const headers = request.headers();
		sent.push({ method: headers["x-http-method-override"] ?? request.method(), offset: Number(headers["upload-offset"] ?? 0), bytes: request.postDataBuffer()?.length ?? 0, path: new URL(request.url()).pathname });
	});
	return sent;
}
const bigFile = () => cardFile("front", mark(), { width: 2000, noise: 60 });

test("a picture that goes up in pieces goes on where it was when the network is back", async () => {
	const { page, context, car } = await standing("front", { refused: true }), file = bigFile(), sent = watchPieces(page);
	let offline;
	await page.route("**/register/resume/front/*", async (route) => {
		const offset = Number(route.request().headers()["upload-offset"] ?? 0);
		if (offset > 0 && !offline) {
			offline = context.setOffline(true); // the second piece, once
			await offline;
			return route.abort("internetdisconnected");
		}
		return route.continue();
	});
	await page.locator("#file-camera").setInputFiles(file);
	await page.getByText(/网络中断，已上传 \d+%，恢复后会自动继续/).first().waitFor();
	assert.ok(offline && !/已上传 0%/.test(await page.locator("[data-going-text]").textContent()), "it says what has arrived");
	await context.setOffline(false);
	await page.getByText("照片清楚，已识别").waitFor();
	const pieces = sent.filter((one) => one.method === "PATCH");
	assert.equal(sent.filter((one) => one.method === "POST").length, 1, "begun once");
	assert.ok(pieces.length >= 3 && pieces.every((one) => one.bytes <= 262144), JSON.stringify(sent));
	assert.equal(pieces.filter((one) => one.offset === 0).length, 1, "the first piece went once");
	assert.equal(pieces.filter((one) => one.offset === 262144).length, 2, "the one that was lost went twice");
	assert.equal(instance.value(`SELECT u.state FROM upload u JOIN application a ON a.id = u.application_id JOIN vehicle v ON v.id = a.vehicle_id WHERE v.vin = '${car.vin}'`), "kept");
	await context.close();
	rmSync(file);
});

test("what people ask for in review goes up in pieces too, and goes on after a break", async () => {
	const [car] = await importCars(instance, [{ columns: { OwnerType: "person", OwnerName: "欧阳逐段" } }]), v = await journey(instance, car), number = v.application;
	instance.remember("欧阳逐段");
	await cardStates(instance, number, ["review"]);
	await instance.ctl("review", "ask", number, "vehicle_licence");
	const context = await newContext(browser);
	await adopt(context, instance, v);
	const page = await newPage(context, instance, { refused: true }), file = bigFile(), sent = watchPieces(page);
	await page.open(`/supplement?number=${number}`);
	let offline;
	await page.route("**/supplement/resume/licence/**", async (route) => {
		if (Number(route.request().headers()["upload-offset"] ?? 0) > 0 && !offline) {
			offline = context.setOffline(true);
			await offline;
			return route.abort("internetdisconnected");
		}
		return route.continue();
	});
	await page.locator("#file-camera").setInputFiles(file);
	await page.getByText(/网络中断，已上传 \d+%，恢复后会自动继续/).first().waitFor();
	await context.setOffline(false);
	await page.getByRole("heading", { name: "材料已收到" }).waitFor();
	assert.equal(sent.filter((one) => one.method === "POST").length, 1, "begun once");
	assert.equal(sent.filter((one) => one.method === "PATCH" && one.offset === 0).length, 1, "the first piece went once");
	await cardStates(instance, number, ["review"]);
	await context.close();
	rmSync(file);
});

test("an upload in pieces that is cancelled leaves nothing behind", async () => {
	const { page, context, car } = await standing("front", { refused: true }), file = bigFile(), sent = watchPieces(page);
	await page.route("**/register/resume/front/*", (route) => (Number(route.request().headers()["upload-offset"] ?? 0) > 0 ? undefined : route.continue())); // the second is never answered
	const second = page.waitForRequest((request) => Number(request.headers()["upload-offset"] ?? 0) > 0);
	await page.locator("#file-camera").setInputFiles(file);
	await second;
	const deleted = page.waitForResponse((answer) => answer.request().headers()["x-http-method-override"] === "DELETE");
	await page.getByRole("button", { name: "取消" }).click();
	assert.equal((await deleted).status(), 204);
	await page.getByRole("button", { name: "打开相机" }).waitFor();
	assert.equal(sent.at(-1).method, "DELETE");
	assert.equal(instance.value(`SELECT count(*) FROM upload u JOIN application a ON a.id = u.application_id JOIN vehicle v ON v.id = a.vehicle_id WHERE v.vin = '${car.vin}'`), "0");
	await context.close();
	rmSync(file);
});

test("where pieces are not understood, the file goes up at once", async () => {
	const { page, context } = await standing("front", { refused: true }), file = bigFile();
	await page.route("**/register/resume/front", (route) => route.fulfill({ status: 405, body: "" }));
	await page.locator("#file-camera").setInputFiles(file);
	await page.getByText("照片清楚，已识别").waitFor();
	await context.close();
	rmSync(file);
});

test("a server that fails while a picture goes up: a button to try again, which does", async () => {
	const { page, context } = await standing("front", { refused: true });
	let fail = true;
	await page.route("**/register/upload/front*", (route) => (fail ? route.fulfill({ status: 502, contentType: "application/json", body: '{"error":"unavailable","text":"系统正忙，请稍候再试"}' }) : route.continue()));
	await page.locator("#file-camera").setInputFiles(cardFile("front", mark()));
	await page.getByText("系统正忙").first().waitFor();
	const retry = page.getByRole("button", { name: "重试" });
	await retry.waitFor();
	await inspect(page, "state-front-retry", { html: await (await context.request.get(page.url())).text() });
	fail = false;
	await retry.click();
	await page.getByText("照片清楚，已识别").waitFor();
	await context.close();
});

test("an upload can be cancelled", async () => {
	const { page, context } = await standing("front", { refused: true });
	await page.route("**/register/upload/front*", () => {}); // never answers
	await page.locator("#file-camera").setInputFiles(cardFile("front", mark()));
	await page.getByRole("button", { name: "取消" }).click();
	await page.getByRole("button", { name: "打开相机" }).waitFor();
	assert.equal(await page.locator("[data-said]").textContent(), "已取消上传");
	await context.close();
});

test("a photograph of full size is made smaller before it is sent", async () => {
	const { page, context } = await standing("front");
	const file = cardFile("front", mark(), { width: 4000, noise: 12 });
	assert.ok(statSync(file).size > 3e6, "as big as phones make them");
	const sent = { size: 0, head: "" };
	await page.exposeFunction("noteUpload", (size, head) => {
		sent.size += size;
		sent.head ||= head;
	});
	await page.evaluate(() => {
		const later = window.setTimeout, send = XMLHttpRequest.prototype.send;
		window.setTimeout = (what, after, ...rest) => later(what, after === 10000 ? 60000 : after, ...rest); // a busy machine may take longer than the page waits
		XMLHttpRequest.prototype.send = function (body) {
			const file = body instanceof FormData ? body.get("file") : body; // at once, or a piece
			if (file) file.slice(0, 2).arrayBuffer().then((head) => window.noteUpload(file.size, Array.from(new Uint8Array(head), (byte) => byte.toString(16)).join("")));
			send.call(this, body);
		};
	});
	await page.locator("#file-camera").setInputFiles(file);
	await page.getByText("照片清楚，已识别").waitFor();
	assert.equal(sent.head, "ffd8", "a JPEG is sent");
	assert.ok(sent.size > 30e3 && sent.size < 1.2e6, `${sent.size} bytes were sent`);
	const kept = await (await context.request.get(new URL(await page.locator("img.photo").getAttribute("src"), page.url()).href)).body();
	assert.equal(kept.readUInt16BE(0), 0xffd8, "a JPEG is kept");
	page.untroubled();
	await context.close();
	rmSync(file);
});

test("what is no picture is told before anything is sent", async () => {
	const { page, context } = await standing("front");
	const input = page.locator("#file-camera"), sent = () => page.watch.requests.filter((one) => /\/(upload|resume)\//.test(one)).length;
	await input.setInputFiles({ name: "a.pdf", mimeType: "application/pdf", buffer: Buffer.alloc(2000, 1) });
	await page.getByText("请使用 JPG、PNG 或 BMP 格式的照片").waitFor();
	await input.setInputFiles({ name: "a.jpg", mimeType: "image/jpeg", buffer: Buffer.alloc(0) });
	await page.getByText("这个文件是空的，请重新选择").waitFor();
	assert.equal(sent(), 0);
	page.untroubled();
	await context.close();
});

test("the browser is closed and opened again: on at the same step, nothing asked twice", async () => {
	const folder = mkdtempSync(join(tmpdir(), "profile-"));
	const [car] = await importCars(instance, 1);
	const first = await launchProfile(folder);
	opened.push(first);
	const person = new Person(instance, await newPage(first, instance));
	await person.upTo(car, "front");
	await person.page.at("/register/back");
	await first.close();
	const second = await launchProfile(folder), page = await newPage(second, instance);
	opened.push(second);
	await page.open("/");
	await page.getByRole("link", { name: /继续上次办理（已完成 2\/6 步）/ }).click();
	await page.at("/register/back");
	person.page = page;
	await person.side("back");
	await person.identity();
	page.untroubled();
	await second.close();
	rmSync(folder, { recursive: true, maxRetries: 10 });
});

test("another device goes on by phone and code", async () => {
	const phone = newPhone(), { context } = await standing("consent", { options: { phone } });
	await context.close();
	instance.sql("UPDATE attempt SET at = at - interval '61 seconds' WHERE kind LIKE 'sms.%'");
	const other = await newContext(browser), page = await newPage(other, instance);
	await page.open("/records");
	await page.getByLabel("手机号", { exact: true }).fill(phone);
	await page.getByRole("button", { name: "获取验证码" }).click();
	await page.at("/records/code");
	await page.getByLabel("短信验证码", { exact: true }).fill(await instance.code(phone, 2));
	await page.getByRole("button", { name: "下一步" }).click();
	await page.getByRole("button", { name: /继续办理/ }).click();
	await page.at("/register/consent");
	page.untroubled();
	await other.close();
});

test("a camera that is refused: told what to do, and the way over a file is open", async () => {
	const shy = await launch("denied"), { page } = await standing("liveness", { context: await newContext(shy) });
	opened.push(shy);
	await page.getByRole("button", { name: "开始录制" }).click();
	await page.getByText(/没有相机或麦克风权限/).waitFor();
	await inspect(page, "state-liveness-denied");
	await page.getByRole("button", { name: "打开相机录像" }).waitFor();
	const [chooser] = await Promise.all([page.waitForEvent("filechooser"), page.getByRole("button", { name: "打开相机录像" }).click()]);
	await chooser.setFiles(clipFile());
	await page.at("/register/agreements");
	page.untroubled();
});

test("a camera that does not answer: after a while both ways are open again; a late answer counts until something else is begun", async () => {
	const { page, context } = await standing("liveness");
	await page.evaluate(() => {
		const devices = navigator.mediaDevices, real = devices.getUserMedia.bind(devices), later = window.setTimeout;
		const asked = [];
		devices.getUserMedia = (wanted) => new Promise((done) => asked.push([done, wanted]));
		window.answerFirst = () => asked[0][0]({ getTracks: () => [{ stop: () => (window.stopped = true) }] });
		window.answerSecond = async () => {
			window.setTimeout = later;
			asked[1][0](await real(asked[1][1]));
		};
		window.setTimeout = (what, after, ...rest) => later(what, after === 20000 ? 100 : after, ...rest);
	});
	await page.getByRole("button", { name: "开始录制" }).click();
	await page.getByText(/还在等相机/).waitFor();
	for (const name of ["打开相机录像", "开始录制", "换一组数字"]) await page.getByRole("button", { name }).waitFor();
	await page.getByRole("button", { name: "开始录制" }).click();
	await page.evaluate(() => window.answerFirst());
	await page.waitForFunction(() => window.stopped);
	await page.getByText(/还在等相机/).waitFor();
	await page.evaluate(() => window.answerSecond());
	await page.getByText("录好了").waitFor();
	assert.ok(!(await page.getByText(/还在等相机/).isVisible()));
	page.untroubled();
	await context.close();
});

test("digits that run out take nothing away that was recorded with them or is on its way; without such a thing others are asked for", async () => {
	const { page, context } = await standing("liveness");
	const later = () => page.evaluate(() => {
		const now = Date.now;
		window.looked = 0;
		Date.now = () => (window.looked++, now() + 3600e3);
	}).then(() => page.waitForFunction(() => window.looked > 4));
	await page.getByRole("button", { name: "开始录制" }).click();
	await page.getByText("录好了").waitFor();
	await later();
	assert.ok(await page.getByRole("button", { name: "使用这段" }).isVisible());
	await page.reload();
	await page.route("**/register/*/clip*", () => {}); // never answers
	await page.getByText("不能录像？改用拍摄上传").click();
	await page.locator("#file-camera").setInputFiles(clipFile());
	await page.getByRole("button", { name: "取消" }).waitFor();
	await later();
	assert.ok(await page.getByRole("button", { name: "取消" }).isVisible());
	await page.getByRole("button", { name: "取消" }).click();
	await page.getByText("数字已过期，请点").waitFor();
	await context.close();
});

test("recording again throws the first clip away", async () => {
	const { page, context } = await standing("liveness");
	await page.getByText("大声读出这 4 个数字").waitFor();
	await page.getByRole("button", { name: "开始录制" }).click();
	await page.getByText("录好了").waitFor();
	assert.ok(await page.locator("video").evaluate((video) => video.src.startsWith("blob:") && video.controls), "it can be seen before it is sent");
	await page.getByRole("button", { name: "重录" }).click();
	await page.getByText("正在录像").waitFor();
	assert.equal(page.watch.requests.filter((one) => /\/(upload|resume)\/clip/.test(one)).length, 0, "nothing is sent unasked");
	page.untroubled();
	await context.close();
});
