// What the fake camera shows and says, and the pictures that a person would take. Made once a run, in WORK or the build folder.
// The face is a public-domain portrait of NASA that the Debian package python3-imageio ships.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, renameSync } from "node:fs";
import { join, resolve } from "node:path";

import { TOP } from "../web/instance.mjs";

const PORTRAIT = "/usr/lib/python3/dist-packages/imageio/resources/images/astronaut.png";
const FONT = "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc";
export const FOLDER = resolve(TOP, process.env.BUILD ?? "build", "media");

function ffmpeg(...words) {
	execFileSync("ffmpeg", ["-v", "error", "-y", ...words], { stdio: ["ignore", "inherit", "inherit"] });
}

// A file of this name, made by make(path) unless it is there. Written beside first: two tests may want it at the same time.
function made(name, make) {
	const path = join(FOLDER, name);
	if (existsSync(path)) return path;
	mkdirSync(FOLDER, { recursive: true });
	const half = join(FOLDER, `${process.pid}-${name}`);
	make(half);
	renameSync(half, path);
	return path;
}

// Head and shoulders that sway a little: 480 x 640, 15 pictures a second, 6 s.
const SWAY = "scale=1440:1440:flags=lanczos,crop=480:640:x='393+14*sin(2*PI*t/3)':y='10+10*sin(PI*t)'";
export const cameraFile = () => made("face.mjpeg", (path) => ffmpeg("-loop", "1", "-framerate", "15", "-i", PORTRAIT, "-t", "6", "-vf", `${SWAY},format=yuvj420p`, "-q:v", "4", "-f", "mjpeg", path));

const WORDS = "零一二三四五六七八九";
// Speaks digits into a file that the fake microphone plays. The microphone reads it when it is opened, so the same path may
// get other digits before that.
export function speak(digits, path) {
	mkdirSync(FOLDER, { recursive: true });
	const raw = `${path}.espeak.wav`;
	execFileSync("espeak-ng", ["-v", "cmn", "-s", "150", "-g", "12", "-w", raw, [...digits].map((digit) => WORDS[digit]).join(" ")]);
	ffmpeg("-i", raw, "-af", "apad=whole_dur=6,loudnorm", "-ar", "48000", "-ac", "1", "-c:a", "pcm_s16le", "-f", "wav", `${path}.new`);
	renameSync(`${path}.new`, path);
	return path;
}

// A clip as a phone's own camera makes it.
export function clipFile(digits = "1234") {
	const voice = speak(digits, join(FOLDER, `voice-${process.pid}.wav`));
	return made(`clip-${digits}.mp4`, (path) => ffmpeg("-framerate", "15", "-i", cameraFile(), "-i", voice, "-t", "5", "-c:v", "libx264", "-preset", "ultrafast", "-crf", "30", "-pix_fmt", "yuv420p", "-c:a", "aac", "-b:a", "48k", "-f", "mp4", path));
}

// A certificate on a dark table. The mark makes it another person's; width 4000 is what a phone takes, in full size.
export function cardFile(side, mark, { width = 1400, noise = 0 } = {}) {
	const front = side === "front", s = width / 1400;
	const line = (text, x, y, size, colour = "0x303438") => `drawtext=fontfile=${FONT}:text='${text}':x=${x * s}:y=${y * s}:fontsize=${size * s}:fontcolor=${colour}`;
	const box = (x, y, w, h, colour) => `drawbox=x=${x * s}:y=${y * s}:w=${w * s}:h=${h * s}:color=${colour}:t=fill`;
	const words = front
		? [line("姓名  样张", 190, 220, 44), line("性别  女     民族  汉", 190, 310, 40), line("出生  1990 年 1 月 1 日", 190, 400, 40), line("住址  示例市示例区示例路 1 号", 190, 490, 40), line(`公民身份号码  ${mark}`, 190, 730, 44)]
		: [box(230, 190, 150, 150, "0xc8102e"), line("居民身份证", 440, 220, 84), line("签发机关  示例市公安局", 330, 560, 44), line(`有效期限  ${mark}`, 330, 660, 44)];
	const table = [box(110, 110, 1180, 780, front ? "0xdfe9ec" : "0xe6ecdf"), ...words].join(",");
	const graph = front
		? `[0]${table}[card];[1]crop=200:250:125:10,scale=${Math.round(260 * s)}:${Math.round(325 * s)}[face];[card][face]overlay=${Math.round(960 * s)}:${Math.round(230 * s)}`
		: `[0]${table}`;
	return made(`${side}-${mark}-${width}-${noise}.jpg`, (path) => ffmpeg("-f", "lavfi", "-i", `color=0x20262b:s=${width}x${Math.round(1000 * s)}`, ...(front ? ["-i", PORTRAIT] : []),
		"-filter_complex", noise ? `${graph},noise=alls=${noise}:allf=t` : graph, "-frames:v", "1", "-update", "1", "-q:v", noise ? "1" : "3", "-f", "image2", path));
}

// What a clip holds, as ffprobe and ffmpeg see it: {seconds, width, height, video, audio, loudness (dB), picture (a PNG of the middle)}.
export function examine(path) {
	const probe = JSON.parse(execFileSync("ffprobe", ["-v", "error", "-count_packets", "-show_streams", "-show_packets", "-of", "json", path], { encoding: "utf8", maxBuffer: 1 << 26 }));
	const stream = (kind) => probe.streams.find((one) => one.codec_type === kind);
	const times = probe.packets.map((packet) => Number(packet.pts_time)).filter(Number.isFinite);
	const heard = execFileSync("bash", ["-c", 'ffmpeg -nostdin -hide_banner -i "$0" -map 0:a:0 -af volumedetect -f null - 2>&1', path], { encoding: "utf8" });
	return {
		seconds: Math.max(...times) - Math.min(...times), width: stream("video")?.width, height: stream("video")?.height,
		video: stream("video")?.codec_name, audio: stream("audio")?.codec_name, loudness: Number(/max_volume: (-?[\d.]+) dB/.exec(heard)?.[1] ?? -91),
	};
}

// How like two pictures are (SSIM of their grey, both at 120 x 160): 1 for the same.
export function likeness(clip, second, picture) {
	const graph = "[0]scale=120:160,format=gray[a];[1]scale=120:160,format=gray[b];[a][b]ssim";
	const told = execFileSync("bash", ["-c", `ffmpeg -nostdin -hide_banner -ss ${second} -i "$0" -i "$1" -filter_complex "${graph}" -frames:v 1 -f null - 2>&1`, clip, picture], { encoding: "utf8" });
	return Number(/SSIM .*All:([\d.]+)/.exec(told)?.[1] ?? 0);
}

// The first picture of the camera, to compare with what was recorded.
export const cameraPicture = () => made("face.png", (path) => ffmpeg("-i", cameraFile(), "-frames:v", "1", "-update", "1", "-c:v", "png", "-f", "image2", path));
export const size = (path) => readFileSync(path).length;
