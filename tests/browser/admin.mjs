// A fleet admin at a desk: clicks what is visible by its words, types, and every click is counted. A file is a click on the page's button
// and two in the window of the system: the file and 打开.
import assert from "node:assert/strict";

import { aMinuteLater } from "../web/fleet.mjs";
import { newPhone } from "../web/client.mjs";
import { jpeg, pdf } from "../web/media.mjs";
import { clipFile } from "./media.mjs";
import { Person } from "./person.mjs";

const NAMES = { "fleet/register": ["企业车主实名认证", /^提交登记/], "fleet/cancel": ["企业车主注销实名", /^提交注销/], "fleet/person": ["责任人变更", /^提交变更/] };
const letter = () => ({ name: "授权书.pdf", mimeType: "application/pdf", buffer: pdf(["授权书"]) });
const signed = () => ["入网协议", "责任告知书", "分配管理协议"].map((name) => ({ name: `${name}.pdf`, mimeType: "application/pdf", buffer: pdf([name]) }));
const licence = () => ({ name: "营业执照.jpg", mimeType: "image/jpeg", buffer: jpeg(String(Math.random())) });

export class Admin extends Person {
	constructor(instance, page, { phone, ...options } = {}) {
		super(instance, page, { flow: "fleet/register", ...options });
		this.phone = phone;
	}
	// From the front page to the company's.
	async signIn() {
		await this.page.open("/");
		await this.tap(/^企业车主办理/, "link");
		await this.page.at("/records/phone");
		await this.type("手机号", this.phone);
		const before = this.instance.sms(this.phone).filter((message) => message.template === "2000001").length;
		aMinuteLater(this.instance);
		await this.tap("获取验证码");
		await this.page.at("/records/code");
		await this.type("短信验证码", await this.instance.code(this.phone, before + 1));
		await this.tap("下一步");
		await this.page.at("/fleet");
	}
	async begin() {
		await this.tap(new RegExp(`^${NAMES[this.flow][0]}`), "link");
		await this.at("notice");
		await this.tap(/开始办理/);
		await this.at("cars");
	}
	// Every car of the table.
	async allCars(cars) {
		await this.tap(cars > 50 ? `全选 ${cars} 辆（所有页）` : /^全选本页/);
		await this.page.getByText(`已选 ${cars} 辆`).waitFor();
		await this.tap("下一步");
		await this.at("tasks");
	}
	async file(button, files) {
		if (this.script) {
			const [chooser] = await Promise.all([this.page.waitForEvent("filechooser"), this.tap(button)]);
			await chooser.setFiles(files);
		} else {
			await this.page.locator("#file-paper").setInputFiles(files);
			this.taps++;
			await this.tap("上传选好的文件");
		}
		this.taps += 2;
	}
	async companyTask() {
		await this.tap(/^企业信息/, "link");
		await this.at("company");
		await this.file("选择文件或拍照", licence());
		await this.page.getByText("请对照证件逐项核对").waitFor();
		await this.tap("核对无误，保存");
		await this.at("tasks");
	}
	async personTask() {
		await this.tap(/^责任人身份/, "link");
		await this.side("front");
		await this.side("back");
		await this.at("identity");
		this.telephone = newPhone();
		this.instance.remember(this.telephone);
		await this.type("责任人手机号", this.telephone);
		await this.identity();
		await this.at("tasks");
	}
	async letterTask(name = this.name) {
		await this.tap(/^授权书/, "link");
		await this.at("letter");
		const [paper] = await Promise.all([this.page.waitForEvent("popup"), this.tap("打开授权书", "link")]); // printed and signed
		await paper.close();
		await this.file("选择文件或拍照", letter());
		await this.page.getByText("第三步：核对").waitFor();
		await this.type("授权书上写的责任人姓名", name);
		await this.tap("核对无误，保存");
	}
	async attachmentsTask() {
		await this.tap(/^附件/, "link");
		await this.at("attachments");
		const files = signed();
		if (this.script) await this.file(/^选择文件/, files);
		else for (const file of files) await this.file(/^选择文件/, file);
		await this.page.getByText("已上传 3 个").waitFor();
		await this.tap("文件已传齐，保存");
	}
	async tasks() {
		await this.companyTask();
		await this.personTask();
		await this.letterTask();
		await this.at("tasks");
		await this.attachmentsTask();
		await this.at("consent");
	}
	// A desk without a camera: a file that was recorded elsewhere.
	async clipChosen() {
		const digits = await this.digits();
		await this.tap("开始录制");
		await this.page.getByText(/没有相机或麦克风权限/).waitFor();
		await this.file("从相册选 / 没反应点这里", clipFile(digits));
		await this.at("agreements");
	}
	async submit() {
		await this.at("check");
		await this.tap(NAMES[this.flow][1]);
		await this.page.waitForURL(/\/fleet\/batch\/[0-9A-Z]{12}$/);
		this.batch = new URL(this.page.url()).pathname.split("/").pop();
		assert.ok(await this.page.locator("h1").textContent());
	}
}
