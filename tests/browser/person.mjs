// A person with a phone in the hand: taps what is visible by its words, types, chooses pictures, and is counted. Without script
// the file inputs themselves are used. flow: which of the flows; mark: whose certificate it is.
import assert from "node:assert/strict";
import { randomInt } from "node:crypto";

import { screenshot, voiceFile } from "./browser.mjs";
import { cardFile, clipFile, speak } from "./media.mjs";

// What the front page and the last button call a flow, and whose phone it asks for.
const NAMES = { register: ["车主实名认证", "提交登记", "车主本人的手机号"], cancel: ["车主注销", "提交注销", "车主本人的手机号"], update: ["信息变更", "提交变更", "登记人现在用的手机号"] };
export const newMark = () => `${randomInt(1e9)}${randomInt(1e9)}`.padEnd(18, "0").slice(0, 18);

export class Person {
	constructor(instance, page, { script = true, shots = "", flow = "register", mark = newMark() } = {}) {
		Object.assign(this, { instance, page, script, shots, flow, mark, taps: 0, typed: 0, shot: 0 });
		this.phone = `1${randomInt(3, 10)}${String(randomInt(1e9)).padStart(9, "0")}`;
	}
	at(step) {
		return this.page.at(`/${this.flow}/${step}`);
	}
	async tap(name, role = "button") {
		this.taps++;
		await this.page.getByRole(role, { name }).first().click();
	}
	async tick(label) {
		this.taps++;
		await this.page.getByLabel(label).check();
	}
	// The keyboard comes with the field; its "next" key leads on, so a field costs no tap of its own.
	async type(label, text) {
		this.typed += text.length;
		await this.page.getByLabel(label, { exact: true }).fill(text);
	}
	async picture(name) {
		if (this.shots) await screenshot(this.page, `${this.shots}-${String(++this.shot).padStart(2, "0")}-${name.replace(/^.*\//, "")}`);
	}

	async begin(car) {
		await this.page.open("/");
		await this.picture("home");
		await this.tap(new RegExp(`^${NAMES[this.flow][0]}`), "link");
		await this.at("notice");
		await this.picture("notice");
		await this.tap("已阅读并同意，开始办理");
		await this.at("vehicle");
		await this.type("车架号", car.vin);
		await this.type("发动机号后 6 位", car.proof);
		await this.picture("vehicle");
		await this.tap("下一步");
	}
	async cards() {
		await this.at("cards");
		const boxes = await this.page.getByRole("checkbox").all();
		if (this.script && boxes.length > 1) await this.tap("全选");
		else for (const box of boxes) await box.check();
		await this.picture("cards");
		await this.tap("下一步");
	}
	async prove() {
		await this.at("phone");
		this.instance.remember(this.phone);
		await this.type(NAMES[this.flow][2], this.phone);
		await this.picture("phone");
		await this.tap("获取验证码");
		await this.at("code");
		await this.type("短信验证码", await this.instance.code(this.phone));
		await this.picture("code");
		await this.tap("下一步");
	}
	// A camera: the button, the shutter, "use it".
	async photo(button, input, submit, file) {
		if (this.script) {
			const [chooser] = await Promise.all([this.page.waitForEvent("filechooser"), this.tap(button)]);
			this.taps += 2;
			await chooser.setFiles(file);
		} else {
			await this.page.getByLabel(input).setInputFiles(file);
			this.taps += 3;
			await this.tap(submit);
		}
	}
	async side(side) {
		await this.at(side);
		await this.page.getByRole("button", { name: this.script ? "打开相机" : "上传拍好的照片" }).waitFor();
		await this.picture(side);
		await this.photo("打开相机", /^用相机拍/, "上传拍好的照片", cardFile(side, this.mark));
		await this.page.getByText("照片清楚，已识别").waitFor();
		await this.picture(`${side}-read`);
		await this.tap("下一步");
	}
	async identity() {
		await this.at("identity");
		this.name = await this.page.getByLabel("姓名").inputValue();
		this.number = await this.page.getByLabel("证件号码").inputValue();
		this.instance.remember(this.name, this.number, await this.page.getByLabel("住址").inputValue());
		assert.ok(this.name.length >= 2 && this.number.length === 18, "what was read is filled in");
		await this.picture("identity");
		await this.tap("核对无误，下一步");
	}
	async consent() {
		await this.at("consent");
		assert.equal(await this.page.getByRole("checkbox").isChecked(), false, "never ticked before");
		await this.picture("consent");
		await this.tick(/我单独同意/);
		await this.tap("开始准备");
	}
	async digits() {
		await this.at("liveness");
		const shown = this.page.locator("[data-say] .say-digits");
		await shown.waitFor();
		this.spoken = (await shown.textContent()).trim();
		assert.match(this.spoken, /^\d{4}$/);
		return this.spoken;
	}
	// In the page with script, with the camera's own program without.
	async clip() {
		const digits = await this.digits();
		await this.picture("liveness");
		if (!this.script) {
			await this.page.getByLabel("用前置相机录像").setInputFiles(clipFile(digits));
			this.taps += 3;
			await this.tap("上传录好的视频");
		} else {
			speak(digits, voiceFile);
			await this.tap("开始录制");
			await this.page.getByText(/正在录像|录好了/).first().waitFor();
			await this.picture("recording");
			await this.page.getByText("录好了").waitFor();
			await this.picture("recorded");
			await this.tap("使用这段");
		}
		await this.at("agreements");
	}
	async agree() {
		await this.at("agreements");
		await this.picture("agreements");
		await this.tick(/我已阅读并同意/);
		await this.tap("下一步");
	}
	async submit() {
		await this.at("check");
		await this.picture("check");
		await this.tap(NAMES[this.flow][1]);
		await this.at("done");
		await this.picture("done");
		this.application = (await this.page.locator("dd.mono").first().textContent()).trim();
	}
	async upTo(car, last) {
		const steps = { begin: () => this.begin(car), cards: () => this.cards(), prove: () => this.prove(), front: () => this.side("front"), back: () => this.side("back"),
			identity: () => this.identity(), consent: () => this.consent(), clip: () => this.clip(), agree: () => this.agree(), submit: () => this.submit() };
		for (const [name, step] of Object.entries(steps)) {
			await step();
			if (name === last) return;
		}
	}
	// Who has just proved the phone sees its records at once.
	async records() {
		await this.tap("查看记录", "link");
		await this.page.at("/records");
		await this.picture("records");
	}
}
