// The thread of class Relay (files.mjs): what it shall do, and what it counted, is in shared memory.
import { connect, createServer } from "node:net";
import { isMainThread, parentPort, workerData } from "node:worker_threads";

export const FIELDS = ["way", "cutAfter", "hangAfter", "count"], WAYS = ["pass", "hang", "refuse"];
const field = (name) => workerData.shared[FIELDS.indexOf(name)], way = () => WAYS[field("way")];
const open = new Set();

function take(client) {
	client.on("error", () => {});
	workerData.shared[FIELDS.indexOf("count")]++;
	if (way() === "refuse") return client.destroy();
	const there = connect(workerData.to, "127.0.0.1"), end = () => {
		client.destroy();
		there.destroy();
		open.delete(end);
	};
	let sent = 0;
	open.add(end);
	for (const socket of [client, there]) socket.on("error", end).on("close", end);
	client.on("data", (bytes) => {
		if (way() === "hang") return;
		sent += bytes.length;
		if (sent > field("cutAfter")) return end();
		if (sent <= field("hangAfter")) there.write(bytes);
	});
	there.on("data", (bytes) => way() !== "hang" && sent <= field("hangAfter") && client.write(bytes));
}

if (!isMainThread && workerData?.shared) {
	parentPort.on("message", () => open.forEach((end) => end()));
	const listener = createServer(take).listen(0, "127.0.0.1", () => parentPort.postMessage(listener.address().port));
}
