// 模拟办理 on a phone: the whole way with the real camera step, and the network watched: neither a photo nor the
// clip leaves the browser, with script and without. Each page by itself is checked in b2800.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

import { Instance, PHONE, inspect, newContext, newPage, testBrowser } from "./browser.mjs";
import { cardFile, clipFile } from "./media.mjs";

const BANNER = "模拟办理：不核验、不保存、不产生登记";
const BODY_MOST = 4096;
const instance = Instance.shared(), browser = testBrowser();

// Every request of the context that has a body, whoever sends it; size is what went over the wire.
function watched(context) {
	const bodies = [];
	context.on("requestfinished", async (request) => {
		const one = { url: request.url(), method: request.method(), body: request.postDataBuffer(), type: request.headers()["content-type"] ?? "", size: request.sizes() };
		if (one.body || !/^(GET|HEAD)$/.test(one.method)) bodies.push(one);
		else if (!/^(data|blob):/.test(one.url)) one.size.then((got) => got.requestBodySize && bodies.push(one), () => {});
	});
	return bodies;
}
// No body is larger than a form, and none holds a part of a file. A body that the browser's tools cannot show holds a file.
async function kept(bodies, files) {
	for (const { url, body, type, size } of bodies) {
		assert.equal(type, "application/x-www-form-urlencoded", url);
		assert.ok(body && body.length <= BODY_MOST && (await size).requestBodySize <= BODY_MOST, `${url}: ${body?.length} bytes`);
	}
	const all = Buffer.concat(bodies.map((one) => one.body)), text = all.toString();
	for (const file of files) {
		const bytes = readFileSync(file), middle = bytes.subarray(bytes.length >> 1, (bytes.length >> 1) + 16);
		assert.ok(!all.includes(middle) && !all.includes(bytes.subarray(0, 16)), "a part of the file");
		assert.ok(!text.includes(file.replace(/^.*\//, "")), "not even its name");
	}
	assert.ok(!/\/upload\//.test(bodies.map((one) => one.url).join(" ")));
}

// One page: its state checked when look is given, then on by act.
async function on(page, flow, step, look, act) {
	await page.at(`/practice/${flow}/${step}`);
	await page.getByText(BANNER).waitFor();
	await look(step);
	await act();
}
const press = (page, name) => page.getByRole("button", { name, exact: true }).first().click();

async function whole(page, flow, { script, look = async () => {}, photo, clip }) {
	const step = (name, act) => on(page, flow, name, look, act);
	const side = async (name, label) => {
		await step(name, async () => {
			if (script) {
				const [chooser] = await Promise.all([page.waitForEvent("filechooser"), press(page, "打开相机")]);
				await chooser.setFiles(photo);
			} else {
				await page.getByLabel(`用相机拍${label}`).setInputFiles(photo);
				await press(page, "上传拍好的照片");
			}
			await page.getByText("照片没有离开您的手机").waitFor();
		});
		await step(name, () => press(page, "下一步"));
	};
	await page.open("/");
	await page.getByRole("link", { name: flow === "cancel" ? "模拟注销" : "模拟办理（先练一遍）" }).click();
	await step("notice", () => press(page, "已阅读并同意，开始办理"));
	for (const name of ["vehicle", "phone", "code"]) {
		await step(name, async () => {
			await Promise.all([page.waitForNavigation(), press(page, "填入示例")]);
			await press(page, name === "phone" ? "获取验证码" : "下一步");
		});
		if (name === "vehicle") await step("cards", async () => {
			for (const box of await page.getByRole("checkbox").all()) await box.check();
			await press(page, "下一步");
		});
	}
	await side("front", "身份证人像面");
	await side("back", "身份证国徽面");
	await step("identity", async () => {
		assert.equal(await page.getByLabel("姓名").inputValue(), "张三");
		await press(page, "核对无误，下一步");
	});
	await step("consent", async () => {
		await page.getByLabel(/我单独同意/).check();
		await press(page, "开始准备");
	});
	await step("liveness", async () => {
		assert.equal((await page.locator(".say-digits").textContent()).trim(), "9873");
		if (script) {
			await page.clock.install();
			await page.reload();
			await page.clock.runFor(5000); // these digits never run out
			assert.ok(!(await page.getByText("数字已过期").isVisible()));
			await press(page, "开始录制");
			await page.getByText("正在录像").waitFor();
			assert.ok(await page.locator("video").evaluate((video) => video.srcObject instanceof MediaStream), "the camera is really open");
			await page.getByText("录好了").waitFor();
			await page.waitForFunction(() => /^blob:/.test(document.querySelector("video").src) && document.querySelector("video").videoWidth > 0); // there is a clip
			await press(page, "使用这段");
		} else {
			await page.getByLabel("用前置相机录像").setInputFiles(clip);
			await press(page, "上传录好的视频");
		}
	});
	await step("agreements", async () => {
		await page.getByLabel(/我已阅读并同意/).check();
		await press(page, "下一步");
	});
	await step("check", () => press(page, flow === "cancel" ? "提交注销" : "提交登记"));
	await step("done", () => page.getByRole("link", { name: "正式办理" }).click());
	await page.at(`/${flow}/notice`);
	assert.equal(await page.getByText(BANNER).count(), 0);
}

test("with script: recorded in the page, and not one byte of it is sent", async () => {
	const context = await newContext(browser), page = await newPage(context, instance), bodies = watched(context), photo = cardFile("front", "110101199003070011"), seen = {};
	assert.deepEqual(page.viewportSize(), PHONE);
	const applications = instance.value("SELECT count(*) FROM application");
	await whole(page, "register", { script: true, photo, look: async (step) => {
		seen[step] = (seen[step] ?? 0) + 1;
	} });
	assert.equal(Object.keys(seen).length, 13);
	assert.ok(bodies.length >= 12, `${bodies.length} forms were sent`);
	await kept(bodies, [photo]);
	assert.equal(instance.value("SELECT count(*) FROM application"), applications);
	page.untroubled();
	await context.close();
});

test("a file instead of a recording stays on the phone too", async () => {
	const context = await newContext(browser), page = await newPage(context, instance), bodies = watched(context), photo = cardFile("back", "1"), clip = clipFile("9873");
	await context.addCookies([{ name: "__Host-practice", value: "register.front", url: instance.endpoints.https, secure: true }]);
	await page.open("/practice/register/front");
	const [album] = await Promise.all([page.waitForEvent("filechooser"), press(page, "从相册选 / 没反应点这里")]);
	await album.setFiles(photo);
	await page.getByText("照片没有离开您的手机").waitFor();
	await context.addCookies([{ name: "__Host-practice", value: "register.liveness", url: instance.endpoints.https, secure: true }]);
	await page.open("/practice/register/liveness");
	await page.getByText("不能录像？改用拍摄上传").click();
	const [chooser] = await Promise.all([page.waitForEvent("filechooser"), press(page, "打开相机录像")]);
	await chooser.setFiles(clip);
	await page.at("/practice/register/agreements");
	assert.equal(bodies.length, 2);
	await kept(bodies, [photo, clip]);
	for (const { body } of bodies) assert.match(body.toString(), /^csrf=[\w-]+&action=taken$/);
	page.untroubled();
	await context.close();
});

test("without script, cancelling: the same pages, and no file is sent", async () => {
	const context = await newContext(browser, { javaScriptEnabled: false }), page = await newPage(context, instance), bodies = watched(context);
	const photo = cardFile("front", "2"), clip = clipFile("9873");
	await whole(page, "cancel", { script: false, photo, clip });
	assert.ok(bodies.length >= 12, `${bodies.length} forms were sent`);
	await kept(bodies, [photo, clip]);
	page.untroubled();
	await context.close();
});

test("errors in practice are told as in earnest", async () => {
	const context = await newContext(browser), page = await newPage(context, instance, { refused: true });
	await page.open("/practice/register/notice");
	await press(page, "已阅读并同意，开始办理");
	await page.at("/practice/register/vehicle");
	await Promise.all([page.waitForNavigation(), press(page, "下一步")]);
	assert.equal(await page.evaluate(() => document.activeElement.id), "summary");
	await page.open("/practice/register/nothing");
	await page.getByText(BANNER).waitFor();
	await inspect(page, "practice-404");
	page.untroubled();
	await context.close();
});
