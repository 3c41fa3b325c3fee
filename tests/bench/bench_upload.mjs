// How much memory a web process takes for an upload of 50 MB: an instance with one of them and a wide limit for clips. The way
// to the clip, two pictures included, warms the process up; then its peak is set back and a clip of 50 MB is sent: at once, and by
// another person in pieces of 256 KB.
import { readFileSync, writeFileSync } from "node:fs";

import { importCars } from "../web/cars.mjs";
import { Instance, journey } from "../web/client.mjs";
import { clip } from "../web/media.mjs";
import { parts, remark, result, tree } from "./measure.mjs";

const SIZE = 50_000_000 - 1000, PIECE = 256 * 1024;

// Kilobytes of a line of /proc/PID/status.
const memory = (pid, name) => Number(readFileSync(`/proc/${pid}/status`, "utf8").match(new RegExp(`^${name}:\\s+(\\d+) kB`, "m"))[1]);

const instance = await Instance.start("upload", { REALNAME_WEB_WORKERS: "1", REALNAME_CLIP_MAX_KB: "50000" });

// Brings a person to the clip, lets send(visitor, file) send one; prints how much the worker grew meanwhile.
async function grown(name, send) {
	const [car] = await importCars(instance, 1);
	const visitor = await journey(instance, car, { stop: "liveness" });
	await visitor.settled("/register/liveness");
	const [parent] = parts(instance, ["realname-web"]), workers = tree(parent).filter((pid) => pid !== parent);
	if (workers.length !== 1) throw new Error(`${workers.length} workers`);
	const [worker] = workers, file = clip(`bench ${name}`, SIZE);
	writeFileSync(`/proc/${worker}/clear_refs`, "5"); // VmHWM starts again from VmRSS
	const before = memory(worker, "VmRSS"), start = process.hrtime.bigint();
	const answer = await send(visitor, file);
	const seconds = Number(process.hrtime.bigint() - start) / 1e9, peak = memory(worker, "VmHWM");
	if (answer.status !== 200 || !answer.json.location) throw new Error(`refused: ${answer.status} ${answer.html.slice(0, 200)}`);
	visitor.close();
	result(name, ((peak - before) / 1024).toFixed(2), "MiB");
	remark(`${SIZE} bytes in ${seconds.toFixed(1)} s; ${(before / 1024).toFixed(1)} MiB before, peak ${(peak / 1024).toFixed(1)} MiB`);
}

async function inPieces(visitor, file) {
	const headers = { "Tus-Resumable": "1.0.0", Accept: "application/json", "X-CSRF-Token": new URL(visitor.page.uploadPath, "http://x").searchParams.get("csrf") };
	const begun = await visitor.request("POST", visitor.page.uploadPath.replace("/upload/", "/resume/"), { headers: { ...headers, "Upload-Length": String(file.length) } });
	if (begun.status !== 201) throw new Error(`not begun: ${begun.status}`);
	for (let at = 0; ; at += PIECE) {
		const body = file.subarray(at, at + PIECE);
		const answer = await visitor.request("PATCH", begun.headers.location, { headers: { ...headers, "Upload-Offset": String(at), "Content-Type": "application/offset+octet-stream" }, body });
		if (at + body.length === file.length || answer.status !== 204) return answer;
	}
}

try {
	await grown("upload.rss_growth_mib", (visitor, file) => visitor.upload(visitor.page.uploadPath, file, { json: true, filename: "clip.webm", type: "video/webm" }));
	await grown("upload.pieces_rss_growth_mib", inPieces);
} finally {
	await instance.stop();
}
