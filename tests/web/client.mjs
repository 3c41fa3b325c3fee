// A person's browser without script, on node:https: cookies, forms, uploads, 303. `journey` does a whole registration.
import https from "node:https";
import http from "node:http";
import { randomInt } from "node:crypto";
import { checkServerIdentity } from "node:tls";

import { Instance, until } from "./instance.mjs";
import { clip, jpeg } from "./media.mjs";

export { Instance, until };

const IDLE_MS = 20000; // the server closes a kept connection after 30 s
const ENTITIES = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'", nbsp: " " };
export function unescapeHtml(text) {
	return text.replace(/&(#x?[0-9a-fA-F]+|[a-z]+);/g, (whole, name) => {
		if (name[0] !== "#") return ENTITIES[name] ?? whole;
		return String.fromCodePoint(name[1] === "x" ? parseInt(name.slice(2), 16) : Number(name.slice(1)));
	});
}

function attribute(tag, name) {
	const found = tag.match(new RegExp(`\\s${name}="([^"]*)"`));
	return found ? unescapeHtml(found[1]) : null;
}

// One answer, and what a person sees of it.
export class Page {
	constructor(status, headers, body, path) {
		Object.assign(this, { status, headers, body, path });
		this.html = body.toString();
	}
	get json() {
		return JSON.parse(this.html);
	}
	// The text of the page as it is read.
	get text() {
		return unescapeHtml(this.html.replace(/<(script|style|head)[\s>][\s\S]*?<\/\1>/g, " ").replace(/<[^>]*>/g, " ")).replace(/\s+/g, " ");
	}
	has(words) {
		return this.text.includes(words);
	}
	get heading() {
		return unescapeHtml((this.html.match(/<h1[^>]*>([\s\S]*?)<\/h1>/)?.[1] ?? "").replace(/<[^>]*>/g, "")).trim();
	}
	get csrf() {
		return this.tags("input").map((tag) => attribute(tag, "name") === "csrf" && attribute(tag, "value")).find(Boolean) ?? null;
	}
	// The hidden fields that say which texts the page shows.
	get textsShown() {
		return Object.fromEntries(this.tags("input").map((tag) => [attribute(tag, "name"), attribute(tag, "value")]).filter(([name]) => name?.startsWith("shown_")));
	}
	tags(name) {
		return this.html.match(new RegExp(`<${name}\\s[^>]*>`, "g")) ?? [];
	}
	attributes(tag, name) {
		return this.tags(tag).map((one) => attribute(one, name)).filter((value) => value !== null);
	}
	// Whether a field of this name is ticked.
	ticked(name) {
		return this.tags("input").some((tag) => attribute(tag, "name") === name && /\schecked/.test(tag));
	}
	value(name) {
		const input = this.tags("input").find((tag) => attribute(tag, "name") === name);
		if (input) return attribute(input, "value") ?? "";
		const area = this.html.match(new RegExp(`<textarea[^>]*\\sname="${name}"[^>]*>([\\s\\S]*?)</textarea>`));
		return area ? unescapeHtml(area[1]) : null;
	}
	values(name) {
		return this.tags("input").filter((tag) => attribute(tag, "name") === name && !/\sdisabled/.test(tag)).map((tag) => attribute(tag, "value"));
	}
	// What the page's fields hold, every box ticked: to be posted as it stands.
	get filled() {
		return this.tags("input").filter((tag) => !/\sdisabled/.test(tag)).map((tag) => [attribute(tag, "name"), attribute(tag, "value") ?? "1"]).filter(([name]) => name && name !== "csrf");
	}
	// Field → message, as linked from the summary.
	get errors() {
		const list = this.html.match(/class="summary"[\s\S]*?<\/ul>/)?.[0] ?? "";
		return Object.fromEntries([...list.matchAll(/<a href="#([^"]*)">([\s\S]*?)<\/a>/g)].map((m) => [m[1], unescapeHtml(m[2])]));
	}
	// Field → message, as told beside it.
	error(name) {
		const found = this.html.match(new RegExp(`id="${name}-error"[^>]*>([\\s\\S]*?)</p>`));
		return found ? unescapeHtml(found[1].replace(/<span class="hide">[^<]*<\/span>/, "")).trim() : null;
	}
	get uploadPath() {
		return this.attributes("form", "action").find((path) => path.includes("/upload/")) ?? null;
	}
	get waiting() {
		return /<main[^>]*\sdata-wait=/.test(this.html);
	}
}

export function form(fields) {
	const pairs = Array.isArray(fields) ? fields : Object.entries(fields);
	return pairs.flatMap(([name, value]) => (Array.isArray(value) ? value : [value]).map((one) => `${encodeURIComponent(name)}=${encodeURIComponent(one)}`)).join("&");
}

export function multipart(file, { name = "file", filename = "picture.jpg", type = "application/octet-stream", boundary = `b${randomInt(1 << 30)}x` } = {}) {
	const head = `--${boundary}\r\nContent-Disposition: form-data; name="${name}"; filename="${filename}"\r\nContent-Type: ${type}\r\n\r\n`;
	return { type: `multipart/form-data; boundary=${boundary}`, body: Buffer.concat([Buffer.from(head), file, Buffer.from(`\r\n--${boundary}--\r\n`)]) };
}

export class Visitor {
	// localAddress: another address of 127.0.0.0/8, for another network address.
	constructor(instance, { localAddress = "127.0.0.1", userAgent = "test browser", plain = false, flow = "register" } = {}) {
		this.flow = flow;
		this.instance = instance;
		this.cookies = new Map();
		this.localAddress = localAddress;
		this.userAgent = userAgent;
		this.plain = plain;
		this.base = new URL(plain ? instance.endpoints.http : instance.endpoints.https);
		this.flying = 0;
		this.connect();
	}
	// A new connection; cookies stay.
	connect() {
		this.agent?.destroy();
		const options = { keepAlive: true, maxSockets: 100, localAddress: this.localAddress };
		this.agent = this.plain ? new http.Agent(options) : new https.Agent({ ...options, ca: this.instance.ca, checkServerIdentity: (name, certificate) => checkServerIdentity(this.base.hostname, certificate) });
	}
	close() {
		this.agent.destroy();
	}

	// One request, no redirect followed. A request that died with a kept connection before any answer is not sent again, so none goes out on
	// one that the server is about to close.
	request(method, path, { headers = {}, body = null } = {}) {
		if (this.flying === 0 && Date.now() > this.used + IDLE_MS) this.connect();
		this.flying++;
		return this.exchange(method, path, headers, body).finally(() => {
			this.flying--;
			this.used = Date.now();
		});
	}
	exchange(method, path, headers, body) {
		const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
		const all = { "User-Agent": this.userAgent, ...(cookie ? { Cookie: cookie } : {}), ...(body !== null ? { "Content-Length": Buffer.byteLength(body) } : {}), ...headers };
		return new Promise((resolve, reject) => {
			const r = (this.plain ? http : https).request({ method, host: this.base.hostname, port: this.base.port, path, headers: all, agent: this.agent }, (answer) => {
				const parts = [];
				answer.on("data", (part) => parts.push(part));
				answer.on("error", reject);
				answer.on("end", () => {
					for (const line of answer.headers["set-cookie"] ?? []) {
						const [, name, value] = line.match(/^([^=]+)=([^;]*)/);
						this.cookies.set(name, value);
					}
					resolve(new Page(answer.statusCode, answer.headers, Buffer.concat(parts), path));
				});
			});
			r.setTimeout(60000, () => r.destroy(new Error(`no answer: ${method} ${path}`)));
			r.on("error", reject);
			r.end(body);
		});
	}
	async follow(page) {
		for (let n = 0; page.status === 303; n++) {
			if (n === 5) throw new Error(`redirects without end at ${page.path}`);
			page = await this.request("GET", page.headers.location);
		}
		return page;
	}
	async get(path) {
		this.page = await this.follow(await this.request("GET", path));
		return this.page;
	}
	json(path) {
		return this.request("GET", path, { headers: { Accept: "application/json" } });
	}
	// Posts without following; the CSRF token of the page seen last unless fields bring one, and which texts that page showed.
	send(path, fields = {}, headers = {}) {
		const hidden = { csrf: this.token, ...this.page?.textsShown };
		const body = form(Array.isArray(fields) ? [...Object.entries(hidden), ...fields] : { ...hidden, ...fields });
		return this.request("POST", path, { headers: { "Content-Type": "application/x-www-form-urlencoded", ...headers }, body });
	}
	get token() {
		return this.page?.csrf ?? "";
	}
	async post(path, fields = {}) {
		this.page = await this.follow(await this.send(path, fields));
		return this.page;
	}
	async upload(path, file, { json = false, ...part } = {}) {
		const { type, body } = multipart(file, part);
		const page = await this.request("POST", path, { headers: { "Content-Type": type, ...(json ? { Accept: "application/json" } : {}) }, body });
		if (json) return page;
		this.page = await this.follow(page);
		return this.page;
	}
	// Stays on a page until it no longer waits, as its script would; then the page, or where it goes on to by itself.
	async settled(path, seconds = 30) {
		const answer = await until(`${path} stops waiting`, async () => {
			const page = await this.json(path);
			return page.status === 200 && !page.json.waiting && page.json;
		}, seconds);
		await this.get(answer.location ?? path);
		return this.page.waiting && this.page.path === path ? this.settled(path, seconds) : this.page; // it may wait for the next thing
	}

	// The id of the newest application of this visitor's car, as a part of a statement.
	get draft() {
		return `(SELECT a.id FROM application a JOIN vehicle v ON v.id = a.vehicle_id WHERE v.vin = '${this.car.vin}' ORDER BY a.created_at DESC LIMIT 1)`;
	}

	// ---- the steps, each as a person does it; each gives the page that follows ----

	async begin() {
		await this.get(`/${this.flow}/notice`);
		return this.post(`/${this.flow}/notice`);
	}
	async vehicle(car) {
		await this.get(`/${this.flow}/vehicle`);
		return this.post(`/${this.flow}/vehicle`, { vin: car.vin, proof: car.proof });
	}
	// count: how many of the cards; all when not given.
	async cards(count) {
		const page = await this.get(`/${this.flow}/cards`);
		return this.post(`/${this.flow}/cards`, { card: page.values("card").slice(0, count) });
	}
	async phone(phone) {
		this.number = phone;
		this.instance.remember(phone);
		await this.get(`/${this.flow}/phone`);
		return this.post(`/${this.flow}/phone`, { phone });
	}
	async code(count = 1) {
		const code = await this.instance.code(this.number, count);
		await this.settled(`/${this.flow}/code`);
		return this.post(`/${this.flow}/code`, { code });
	}
	// Uploads a side, waits for its reading and presses "next" when there is that button. The page then.
	async picture(side, file, { next = true } = {}) {
		await this.get(`/${this.flow}/${side}`);
		const taken = await this.upload(this.page.uploadPath, file);
		if (taken.status !== 200) throw new Error(`the picture is refused: ${taken.status} ${taken.error("file")}`);
		await this.settled(`/${this.flow}/${side}`);
		if (next && this.page.html.includes('value="next"')) await this.post(`/${this.flow}/${side}`, { action: "next" });
		return this.page;
	}
	// Confirms what was read, with some fields changed; what was posted is in this.person.
	async identity(changes = {}) {
		const page = await this.get(`/${this.flow}/identity`);
		this.person = Object.fromEntries(["name", "number", "address", "valid_from", "valid_until"].map((name) => [name, page.value(name)]));
		if (page.ticked("long_term")) this.person.long_term = "1";
		Object.assign(this.person, changes);
		this.instance.remember(this.person.name, this.person.number, this.person.address);
		return this.post(`/${this.flow}/identity`, this.person);
	}
	async consent() {
		await this.get(`/${this.flow}/consent`);
		return this.post(`/${this.flow}/consent`, { consent: "1" });
	}
	// Waits for digits, sends a clip, waits for the verification.
	async clip(file = clip(String(Math.random()))) {
		await this.settled(`/${this.flow}/liveness`);
		await this.upload(this.page.uploadPath, file, { filename: "clip.webm", type: "video/webm" });
		return this.settled(`/${this.flow}/liveness`);
	}
	async agree() {
		await this.get(`/${this.flow}/agreements`);
		return this.post(`/${this.flow}/agreements`, { agree: "1" });
	}
	async submit() {
		const page = await this.get(`/${this.flow}/check`);
		return this.post(`/${this.flow}/check`, { token: page.value("token") });
	}
	// The records of a phone: code, list.
	async records(phone, count) {
		await this.get("/records/phone");
		await this.post("/records/phone", { phone });
		return this.post("/records/code", { code: await this.instance.code(phone, count) });
	}
}

// A number of a mobile phone that no other test uses.
export function newPhone() {
	return `1${randomInt(3, 10)}${String(randomInt(1e9)).padStart(9, "0")}`;
}

// A valid number of an identity card that nobody was read with. birth: YYYYMMDD.
export function newIdNumber(birth = "19900307") {
	const digits = `110101${birth}${String(randomInt(1000)).padStart(3, "0")}`, weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
	return digits + "10X98765432"[[...digits].reduce((sum, c, i) => sum + weights[i] * Number(c), 0) % 11];
}

const STEPS = ["vehicle", "cards", "phone", "code", "front", "back", "identity", "consent", "liveness", "agreements", "check", "done"];

// A registration (or another flow) up to the page `stop` (which is not filled in) or to the end. options: phone, front and back (pictures), cards (how
// many), changes (to what was read), look (sees each step's page before it is filled in), and those of Visitor (flow). Gives the visitor;
// visitor.page is the page that it sees.
export async function journey(instance, car, { stop = "done", phone = newPhone(), front, back, cards, changes, visitor, look, ...options } = {}) {
	const v = visitor ?? new Visitor(instance, options), seed = `${phone}|${Math.random()}`;
	const acts = {
		vehicle: () => v.vehicle(car), cards: () => v.cards(cards), phone: () => v.phone(phone), code: () => v.code(),
		front: () => v.picture("front", front ?? jpeg(`${seed}|front`)), back: () => v.picture("back", back ?? jpeg(`${seed}|back`)),
		identity: () => v.identity(changes), consent: () => v.consent(), liveness: () => v.clip(), agreements: () => v.agree(), check: () => v.submit(),
	};
	v.car = car;
	await v.begin();
	for (const step of STEPS) {
		if (!v.page.path.startsWith(`/${v.flow}/${step}`)) throw new Error(`expected ${step}, at ${v.page.path} (${v.page.status}): ${v.page.text.slice(0, 400)}`);
		await look?.(step, v);
		if (step === stop) break;
		await acts[step]();
	}
	if (stop === "done") v.application = v.page.text.match(/受理编号\s*([0-9A-Za-z-]+)/)?.[1];
	return v;
}

// Waits until every card of an application is in one of these states; gives the states.
export async function cardStates(instance, number, states = ["done"], seconds = 30) {
	const read = () => instance.sql(`SELECT ac.state FROM application a JOIN application_card ac ON ac.application_id = a.id WHERE a.number = '${number}'`).map((row) => row[0]);
	await until(`cards of ${number} in ${states}: ${read()}`, () => read().length > 0 && read().every((state) => states.includes(state)), seconds);
	return read();
}
