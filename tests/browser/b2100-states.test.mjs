// Every page in every state that a person can meet, at four widths: no violation of accessibility rules, valid HTML, nothing wider
// than the window, nothing too small for a finger, no error in the console, nothing from elsewhere. The steps as they come, and sent
// empty, are in b2800.
import assert from "node:assert/strict";
import test, { afterEach } from "node:test";

import { importCars } from "../web/cars.mjs";
import { cardStates, journey, newPhone } from "../web/client.mjs";
import { importCompany } from "../web/fleet.mjs";
import { jpeg } from "../web/media.mjs";
import { Instance, adopt, hide, inspect, newContext, newPage, told, testBrowser } from "./browser.mjs";
import { cardFile, clipFile } from "./media.mjs";

const instance = Instance.shared(), browser = testBrowser();
// A state that failed half-way leaves nothing to the next one.
afterEach(() => {
	instance.script("carrier");
	delete instance.code;
});

// A state: stop, the step to which a visitor is brought; options of journey and of the car; reach(page, visit) does the rest;
// says, words that show that it is the state meant; error, the field whose error is told; held: a state that an answer ends, in which the
// page must not ask for that answer while it is looked at.
const STATES = [];
const state = (name, what) => STATES.push({ name, ...what });

const press = (name) => async (page) => {
	await Promise.all([page.waitForResponse((response) => response.request().method() === "POST"), page.getByRole("button", { name }).first().click()]);
	await page.waitForLoadState();
};
const filled = (fields, name = "下一步") => async (page) => {
	for (const [id, value] of Object.entries(fields)) await page.locator(`#${id}`).fill(value);
	await press(name)(page);
};
const open = (path) => (page) => page.open(path);

state("home", { reach: open("/"), says: "车主实名认证" });
for (const [path, says] of [["network", "入网协议"], ["responsibility", "责任告知书"], ["personal-information", "个人信息处理规则"], ["privacy", "隐私"], ["face", "人脸"]])
	state(`agreement-${path}`, { reach: open(`/agreement/${path}`), says });
for (const slug of ["registered", "open", "too-new", "too-many-cards", "company", "certificate-expired", "under-age", "registered-mine", "not-registered", "not-holder", "card-moved", "no-card"])
	state(`refused-${slug}`, { reach: open(`/register/refused/${slug}`), says: "您可以这样做" });
state("help", { says: "等 1 分钟后可以重新获取", reach: async (page) => {
	await page.open("/help");
	for (const question of await page.locator("main summary").all()) await question.click();
} });
state("complaint", { reach: open("/complaint"), says: "不填我们就没法答复您" });
state("complaint-empty", { error: ["kind", "text"], reach: async (page) => {
	await page.open("/complaint");
	await press("提交")(page);
} });
state("complaint-follow-wrong", { error: ["number"], says: "没有查到", reach: async (page) => {
	await page.open("/complaint/follow");
	await filled({ number: "2222222222", tail: "0000" }, "查询")(page);
} });
state("complaint-state", { says: "请记下投诉编号", reach: async (page) => {
	await page.open("/complaint");
	await page.getByLabel("信息有误").check();
	await filled({ text: "登记的住址写错了一个字，请改正。" }, "提交")(page);
} });
state("error-404", { reach: open("/nothing"), says: "没有找到这个页面", refused: true });
state("error-405", { reach: open("/records/leave"), says: "不能这样打开这个页面", refused: true });
state("error-403", { stop: "vehicle", refused: true, says: "再提交一次|不能打开|重新提交", reach: async (page) => {
	await page.open("/register/vehicle");
	await page.evaluate(() => {
		document.querySelector("input[name=csrf]").value = "wrong";
	});
	await filled({ vin: "LSVAA0000A0000000", proof: "123456" })(page);
} });
state("error-413", { refused: true, says: "太大", reach: async (page) => {
	await page.open("/records/phone");
	await page.evaluate(() => {
		const phone = document.querySelector("#phone");
		phone.removeAttribute("maxlength");
		phone.value = "1".repeat(70000);
	});
	await press("获取验证码")(page);
} });
state("home-continue", { stop: "phone", reach: open("/"), says: "继续上次办理" });
state("vehicle-help", { stop: "vehicle", says: "前挡风玻璃", reach: async (page) => {
	await page.open("/register/vehicle");
	await page.getByText("车架号在哪里找").click();
} });
state("vehicle-short", { stop: "vehicle", error: ["vin", "proof"], reach: async (page) => {
	await page.open("/register/vehicle");
	await filled({ vin: "LSVAA", proof: "12" })(page);
} });
state("vehicle-letters", { stop: "vehicle", error: ["vin"], says: "是的，用这个车架号", reach: async (page) => {
	await page.open("/register/vehicle");
	await filled({ vin: "LSVAAOOOOAOOOOOOO", proof: "123456" })(page);
} });
state("vehicle-wrong", { stop: "vehicle", error: ["proof"], says: "还可以再试", reach: async (page, visit) => {
	await page.open("/register/vehicle");
	await filled({ vin: visit.car.vin, proof: visit.car.proof === "999999" ? "999998" : "999999" })(page);
} });
state("code-sending", { stop: "phone", held: true, script: ["sms", [{ delay_ms: 8000 }]], says: "正在向", reach: async (page) => {
	await page.open("/register/phone");
	await filled({ phone: newPhone() }, "获取验证码")(page);
} });
state("code-failed", { stop: "phone", script: ["sms", [{ then: { result: "LimitExceeded.PhoneNumberDailyLimit" } }]], says: "短信暂时发不出去", reach: async (page) => {
	await page.open("/register/phone");
	await filled({ phone: newPhone() }, "获取验证码")(page);
	await page.getByText("短信暂时发不出去").waitFor();
} });
state("code-help", { stop: "code", says: "垃圾短信", reach: async (page) => {
	await page.open("/register/code");
	await page.getByText("没收到短信？").click();
} });
state("code-wrong", { stop: "code", error: ["code"], says: "还可以再试 4 次", reach: async (page, visit) => {
	await page.open("/register/code");
	await filled({ code: (await instance.code(visit.number)) === "111111" ? "222222" : "111111" })(page);
} });
state("front-other", { stop: "front", says: "使用这种证件", reach: async (page) => {
	await page.open("/register/front");
	await page.getByText("用其他证件办理").click();
} });
state("front-heic", { stop: "front", error: ["file"], plain: true, says: "HEIC", reach: async (page) => {
	await page.open("/register/front");
	await page.locator("#file-camera").setInputFiles({ name: "a.jpg", mimeType: "image/jpeg", buffer: Buffer.concat([Buffer.from("00000018", "hex"), Buffer.from("ftypheic"), Buffer.alloc(400)]) });
	await press("上传拍好的照片")(page);
} });
const sent = (says) => async (page) => {
	await page.open("/register/front");
	await page.locator("#file-camera").setInputFiles(cardFile("front", String(Math.random()).slice(2, 18)));
	await page.getByText(says).first().waitFor();
};
state("front-reading", { stop: "front", held: true, script: ["identity", [{ match: { action: "IDCardOCR" }, delay_ms: 8000 }]], says: "正在识别", reach: sent("正在识别") });
state("front-refused", { stop: "front", script: ["identity", [{ match: { action: "IDCardOCR" }, then: { error: "FailedOperation.ImageBlur" } }]], says: "模糊", reach: sent("模糊") });
state("front-away", { stop: "front", script: ["identity", [{ match: { action: "IDCardOCR" }, then: { status: 503, body: "away", content_type: "text/plain" } }]], says: "再试一次", reach: sent("再试一次") });
state("identity-typed", { stop: "front", says: "手动填写的信息会由工作人员审核", reach: async (page) => {
	await page.open("/register/front");
	await page.getByText("用其他证件办理").click();
	await page.getByLabel("外国人永久居留").check();
	await press("使用这种证件")(page);
	while (!/identity/.test(page.url())) {
		await page.locator("#file-camera").setInputFiles(cardFile("front", String(Math.random()).slice(2, 18)));
		await page.getByText("照片已收到").waitFor();
		await press("下一步")(page);
	}
} });
const KNOWN = { OwnerType: "person", OwnerName: "欧阳某某" }; // another name than what is read: people look at it
const liveness = (says) => async (page) => {
	await page.open("/register/liveness");
	// From the page before: the digits are asked for only now.
	if (page.url().endsWith("/consent")) {
		await page.getByLabel(/我单独同意/).check();
		await page.getByRole("button", { name: "开始准备" }).click();
	}
	await page.getByText(says).first().waitFor();
};
state("liveness-digits", { stop: "consent", held: true, script: ["identity", [{ match: { action: "GetLiveCode" }, delay_ms: 8000 }]], says: "正在准备数字", reach: liveness("正在准备数字") });
state("liveness-away", { stop: "consent", script: ["identity", [{ match: { action: "GetLiveCode" }, then: { status: 503, body: "away", content_type: "text/plain" } }]], says: "暂时取不到数字", reach: liveness("暂时取不到数字") });
state("liveness-file", { stop: "liveness", says: "用手机自带的相机", reach: async (page) => {
	await liveness("大声读出这 4 个数字")(page);
	await page.getByText("不能录像？改用拍摄上传").click();
	await page.getByText("无法朗读").click();
} });
const clip = (says) => async (page) => {
	await liveness("大声读出这 4 个数字")(page);
	await page.locator("#file-camera").setInputFiles(clipFile());
	await page.getByText(says).first().waitFor();
};
const judged = (result) => ["identity", [{ match: { action: "LivenessRecognition" }, then: { result } }, { match: { action: "LivenessCompare" }, then: { result } }]];
state("liveness-checking", { stop: "liveness", held: true, script: ["identity", [{ match: { action: "LivenessRecognition" }, delay_ms: 8000 }, { match: { action: "LivenessCompare" }, delay_ms: 8000 }]], says: "正在核验", reach: clip("正在核验") });
state("liveness-failed", { stop: "liveness", script: judged("FailedOperation.LifePhotoDetectNoFaces"), says: "脸", reach: clip("请露出全脸") });
state("liveness-unavailable", { stop: "liveness", says: "核验服务繁忙", reach: clip("核验服务繁忙"),
	script: ["identity", [{ match: { action: "GetLiveCode" } }, { then: { status: 503, body: "away", content_type: "text/plain" } }]] });
state("liveness-locked", { stop: "liveness", says: "后再试", reach: async (page) => {
	instance.sql("INSERT INTO verification (id, application_id, kind, state, counts, cause) SELECT gen_random_uuid(), a.id, 'liveness', 'failed', true, 'live.fail' FROM (SELECT id FROM application ORDER BY created_at DESC LIMIT 1) a, generate_series(1, 5)");
	await page.open("/register/liveness");
} });
const papers = (then) => async (page) => {
	await page.open("/register/consent");
	await page.getByText("不同意，或者不方便录像").click();
	await press("不用人脸，改人工审核")(page);
	await page.at("/register/papers");
	if (then) await then(page);
};
const licence = async (page) => {
	await page.locator("#file-camera").setInputFiles(cardFile("front", String(Math.random()).slice(2, 18)));
	await page.getByText("照片已收到").waitFor();
};
state("papers-more", { stop: "consent", says: "行驶证副页", reach: papers(async (page) => {
	await licence(page);
	await page.getByText("再加一张照片").click();
}) });
state("papers-long", { stop: "consent", error: ["note"], reach: papers(async (page) => {
	await licence(page);
	await page.evaluate(() => document.querySelector("#note").removeAttribute("maxlength"));
	await filled({ note: "字".repeat(201) })(page);
}) });
state("check-manual", { stop: "consent", says: "不用人脸，由工作人员审核", reach: papers(async (page) => {
	await licence(page);
	await press("下一步")(page);
	await page.locator("#agree").check();
	await press("下一步")(page);
	await page.at("/register/check");
}) });
state("supplement", { stop: "done", car: { columns: KNOWN }, says: "请重新拍人像面", reach: async (page, visit) => {
	const number = instance.value(`SELECT a.number FROM application a JOIN vehicle v ON v.id = a.vehicle_id WHERE v.vin = '${visit.car.vin}'`);
	await instance.ctl("review", "ask", number, "certificate_front", "--text", "照片反光，请重新拍人像面");
	await instance.ctl("review", "ask", number, "vehicle_licence");
	await page.open("/records");
	await page.getByRole("link", { name: "补充材料" }).click();
	await page.at("/supplement");
} });
state("records-needs-more", { stop: "done", car: { columns: KNOWN }, says: "待补充", reach: async (page, visit) => {
	const number = instance.value(`SELECT a.number FROM application a JOIN vehicle v ON v.id = a.vehicle_id WHERE v.vin = '${visit.car.vin}'`);
	await instance.ctl("review", "ask", number, "other_photo");
	await page.open("/records");
} });
state("done-review", { reach: open("/register/done"), stop: "done", car: { columns: KNOWN }, says: "由工作人员审核" });
state("records-phone", { reach: open("/records/phone"), says: "请用办理时填写的手机号查询" });
state("records-phone-bad", { error: ["phone"], reach: async (page) => {
	await page.open("/records/phone");
	await filled({ phone: "123" }, "获取验证码")(page);
} });
const signIn = (phone) => async (page) => {
	await page.open("/records/phone");
	const sent = instance.sms(phone).filter((message) => message.template === "2000001").length;
	await filled({ phone }, "获取验证码")(page);
	await page.at("/records/code");
	await page.locator("#code").fill(await instance.code(phone, sent + 1));
	await press("下一步")(page);
	await page.at("/records");
};
state("records-code", { says: "换号码", reach: async (page) => {
	await page.open("/records/phone");
	await filled({ phone: newPhone() }, "获取验证码")(page);
	await page.getByText("验证码已发送至").waitFor();
} });
state("records-none", { says: "还没有办理记录", reach: (page) => signIn(newPhone())(page) });
state("records", { says: "实名成功", reach: async (page) => {
	const phone = newPhone(), [first, second, third, fourth] = await importCars(instance, [{ cards: 2 }, {}, { columns: KNOWN }, {}]);
	const later = () => instance.sql("UPDATE attempt SET at = at - interval '61 seconds' WHERE kind LIKE 'sms.%'");
	const one = async (car, options) => {
		const v = await journey(instance, car, { phone, ...options });
		v.close();
		later();
		return v;
	};
	const count = () => instance.sms(phone).filter((message) => message.template === "2000001").length;
	// journey takes the first code of a phone: the codes of the ones before are read away.
	const original = instance.code.bind(instance);
	let offset = 0;
	instance.code = (number, n = 1) => original(number, number === phone ? n + offset : n);
	const done = await one(first);
	await cardStates(instance, done.application);
	offset = count();
	instance.script("carrier", [{ match: { action: "account" }, then: { error: "999", message: "no" } }]);
	const bad = await one(second);
	await cardStates(instance, bad.application, ["refused"]);
	instance.script("carrier");
	offset = count();
	await one(third);
	offset = count();
	await one(fourth, { stop: "identity" });
	instance.code = original;
	await signIn(phone)(page);
	await page.getByText("继续办理").first().waitFor();
} });

const numberOf = (visit) => instance.value(`SELECT a.number FROM application a JOIN vehicle v ON v.id = a.vehicle_id WHERE v.vin = '${visit.car.vin}' ORDER BY a.created_at DESC LIMIT 1`);
const record = (path) => (page, visit) => page.open(`/records/${path}/${numberOf(visit)}`);
// A company's admin, signed in.
const fleet = ({ companies = 1, cars = 2, then = async () => {} } = {}) => async (page) => {
	const phone = newPhone();
	let company;
	for (let i = 0; i < companies; i++) company = await importCompany(instance, { phones: [phone], cars });
	await page.open("/fleet");
	await filled({ phone }, "获取验证码")(page);
	await page.locator("#code").fill(await instance.code(phone));
	await press("下一步")(page);
	await then(page, company);
};
state("fleet-home", { reach: fleet(), says: "还没有提交过" });
state("fleet-choose", { reach: fleet({ companies: 2 }), says: "选择企业" });
state("fleet-members", { says: "添加管理员", reach: fleet({ then: (page) => page.open("/fleet/members") }) });
state("fleet-members-bad", { error: ["phone"], reach: fleet({ then: async (page) => {
	await page.open("/fleet/members");
	await filled({ phone: "123" }, "添加")(page);
} }) });
state("fleet-remove", { says: "您是唯一的管理员", reach: fleet({ then: async (page) => {
	await page.open("/fleet/members");
	await page.getByRole("link", { name: "移除" }).click();
	await page.waitForLoadState();
} }) });
state("fleet-add", { says: "名下现在有", reach: fleet({ then: (page) => page.open("/fleet/add") }) });
state("fleet-add-wrong", { error: ["proof"], reach: fleet({ then: async (page) => {
	await page.open("/fleet/add");
	await filled({ vin: "LSVAA0000A0000000", proof: "123456" })(page);
} }) });
state("fleet-open", { says: "开通以后", reach: fleet({ companies: 0, then: (page) => page.open("/fleet/open/notice") }) });
state("fleet-open-company", { says: "单位证件|营业执照", reach: fleet({ companies: 0, then: async (page) => {
	await page.open("/fleet/open/notice");
	await press("已阅读并同意，开始办理")(page);
} }) });
state("fleet-none", { reach: fleet({ companies: 0 }), says: "没有哪家企业登记了这个手机号" });
state("records-receipt", { stop: "done", car: { cards: 2, columns: KNOWN }, reach: record("receipt"), says: "办理凭证" });
state("records-withdraw", { stop: "done", car: { cards: 2, columns: KNOWN }, reach: record("withdraw"), says: "撤回后这次办理就结束了" });
state("records-withdrawn", { stop: "done", car: { columns: KNOWN }, says: "已撤回", reach: async (page, visit) => {
	await record("withdraw")(page, visit);
	await press("确认撤回")(page);
} });
state("records-misuse", { stop: "done", car: { columns: KNOWN }, reach: record("misuse"), says: "接下来会怎样" });
state("records-misuse-reported", { stop: "done", car: { columns: KNOWN }, says: "报告编号", reach: async (page, visit) => {
	await record("misuse")(page, visit);
	await press("报告不是我办的")(page);
} });
state("records-search-bad", { stop: "done", error: ["vin"], reach: async (page) => {
	await page.open("/records");
	await page.locator("summary").click();
	await filled({ vin: "12345" }, "查找")(page);
} });
state("records-search-none", { stop: "done", says: "没有这个车架号的记录", reach: async (page) => {
	await page.open("/records");
	await page.locator("summary").click();
	await filled({ vin: "ZZZZZ9" }, "查找")(page);
} });
state("records-older", { stop: "done", reach: open("/records/older"), says: "手机号可能换过主人" });
state("records-older-wrong", { stop: "done", error: ["tail"], reach: async (page) => {
	await page.open("/records/older");
	await filled({ tail: "0000" }, "核对")(page);
} });
// 我的信息 of a person who has just registered: signed in, at the page of that registration; proved when asked for.
const mine = ({ proof = true, refused = false } = {}) => async (page) => {
	const phone = newPhone(), [car] = await importCars(instance);
	if (refused) instance.script("carrier", [{ match: { contains: car.cards[0].iccid }, then: { error: "400" } }]);
	const v = await journey(instance, car, { phone });
	await cardStates(instance, v.application, [refused ? "refused" : "done"]);
	if (refused) instance.script("carrier", []);
	v.close();
	instance.sql("UPDATE attempt SET at = at - interval '61 seconds' WHERE kind = 'sms.phone'");
	await page.open("/mine");
	await filled({ phone }, "获取验证码")(page);
	await page.locator("#code").fill(await instance.code(phone, 2));
	await press("下一步")(page);
	await page.at("/mine");
	const item = await page.locator("a[href^='/mine/item/']").first().getAttribute("href");
	if (proof) {
		await page.open(`/mine/proof?item=${item.split("/").pop()}`);
		await filled({ last4: v.person.number.slice(-4) }, "核对")(page);
	}
	return item;
};
state("mine", { says: "看看保存了什么", reach: mine({ proof: false }) });
state("mine-item-masked", { says: "核对证件号码", reach: async (page) => page.open(await mine({ proof: false })(page)) });
state("mine-item", { says: "停止服务后再保存两年", reach: async (page) => page.open(await mine()(page)) });
state("mine-item-refused", { says: "现在就删除", reach: async (page) => page.open(await mine({ refused: true })(page)) });
state("mine-proof", { says: "换过主人", reach: async (page) => {
	const item = await mine({ proof: false })(page);
	await page.open(`/mine/proof?item=${item.split("/").pop()}`);
} });
state("mine-proof-bad", { error: ["last4"], reach: async (page) => {
	const item = await mine({ proof: false })(page);
	await page.open(`/mine/proof?item=${item.split("/").pop()}`);
	await filled({ last4: "1" }, "核对")(page);
} });
state("mine-correct", { says: "15 个工作日", reach: async (page) => page.open(`/mine/correct?item=${(await mine()(page)).split("/").pop()}`) });
state("mine-correct-bad", { error: ["field", "wanted"], reach: async (page) => {
	await page.open(`/mine/correct?item=${(await mine()(page)).split("/").pop()}`);
	await filled({ wanted: "x" }, "提交更正申请")(page);
} });
state("mine-confirm", { says: "会立刻删除", reach: async (page) => {
	await page.open(await mine()(page));
	await press("撤回人脸信息的同意")(page);
} });

for (const { name, stop, car, options, reach, says, error = [], plain, refused, script, held } of STATES)
	test(name, async () => {
		const context = await newContext(browser), visit = {};
		try {
			if (stop) {
				[visit.car] = await importCars(instance, [car ?? {}]);
				const v = await journey(instance, visit.car, { stop, front: jpeg(Math.random()), ...options });
				visit.number = v.number;
				await adopt(context, instance, v);
			}
			if (script) instance.script(...script);
			if (held) await context.addInitScript(hide);
			const page = await newPage(context, instance, { refused: refused || plain || error.length > 0, scriptless: plain });
			await reach(page, visit);
			const status = page.watch.document.status();
			for (const words of says ? [says] : []) assert.match(await page.locator("main").innerText(), new RegExp(words));
			if (error.length > 0) await told(page, error, { script: !plain });
			assert.ok(error.length === 0 || (status >= 400 && status < 500), `status ${status}`);
			await inspect(page, `state-${name}`, error.length > 0 ? { large: [320] } : {});
			page.untroubled();
		} finally {
			if (script) instance.script(script[0]);
			await context.close();
		}
	});
