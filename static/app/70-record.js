// Recording in the page, where the browser can. The path over a file stays open below.
let recording = false;
guard(() => {
	const box = one('[data-recorder]');
	const devices = navigator.mediaDevices;
	if (box)
		one('[data-live]').dataset.begun = '';
	if (!box || !window.isSecureContext || !devices || !devices.getUserMedia || !window.MediaRecorder)
		return;
	const types = ['video/mp4;codecs=avc1.42E01E,mp4a.40.2', 'video/mp4;codecs=avc1.42E01E,opus', 'video/mp4', 'video/webm;codecs=vp8,opus', 'video/webm'];
	const type = types.find((name) => MediaRecorder.isTypeSupported && MediaRecorder.isTypeSupported(name)) || '';
	const stage = one('[data-stage]', box), ring = one('[data-ring]', box), count = one('[data-count]', box);
	const line = one('[data-rec-text]', box), problem = one('[data-rec-problem]', box), fallback = one('[data-fallback]');
	const start = one('[data-rec-start]', box), choice = one('[data-rec-choice]', box), use = one('[data-rec-use]', box);
	const seconds = Number(box.dataset.seconds) || 5, least = Number(box.dataset.least) || 3, around = 562;
	const text = (key) => box.dataset['text' + key] || '';
	// Nothing else to press while it records or sends.
	const setBusy = (on) => {
		recording = on;
		all('[data-fallback], [data-swap]').forEach((part) => show(part, !on));
	};
	let stream = null, video = null, clip = null, replay = '', turn = 0, watch = 0;

	const upload = sender(box, (busy) => {
		setBusy(busy);
		show(choice, !busy && clip);
	});
	const release = () => {
		if (stream)
			stream.getTracks().forEach((track) => track.stop());
		stream = null;
	};
	const clear = () => {
		clearTimeout(watch);
		turn++;
		release();
		if (video)
			video.remove();
		if (replay)
			URL.revokeObjectURL(replay);
		video = clip = null;
		replay = count.textContent = '';
		ring.style.strokeDasharray = '0 ' + around;
		stage.classList.remove('review');
	};
	const fail = (key) => {
		clear();
		setBusy(false);
		line.textContent = '';
		problem.textContent = text(key);
		show(problem, true);
		show(choice, false);
		show(start, true);
		start.focus();
	};
	// Some browsers never answer: neither when the camera is asked for nor when a recording is to end.
	const expect = (seconds, then) => {
		clearTimeout(watch);
		watch = setTimeout(then || (() => {
			fail('Broken');
			fallback.open = true;
		}), seconds * 1000);
	};
	// Who takes long to allow it may still: until something else is begun, the answer counts.
	const slow = () => {
		setBusy(false);
		problem.textContent = text('Slow');
		show(problem, true);
		show(start, true);
		fallback.open = true;
	};
	const finish = (recorder, chunks, took) => {
		clearTimeout(watch);
		release();
		if (took < least)
			return fail('Short');
		setBusy(false);
		const made = recorder.mimeType || type || 'video/webm';
		clip = new Blob(chunks, { type: made });
		if (!clip.size)
			return fail('Empty');
		line.textContent = text('Recorded');
		stage.classList.add('review');
		replay = URL.createObjectURL(clip);
		video.srcObject = null;
		video.classList.remove('mirror');
		video.muted = false;
		video.controls = true;
		video.src = replay;
		video.play().catch(() => {});
		show(choice, true);
		use.focus();
	};
	const record = () => {
		const options = { videoBitsPerSecond: 600000, audioBitsPerSecond: 32000 };
		const chunks = [];
		if (type)
			options.mimeType = type;
		const recorder = new MediaRecorder(stream, options), mine = turn;
		let began = 0;
		const stop = () => {
			if (recorder.state === 'inactive')
				return;
			if (mine === turn)
				expect(3);
			recorder.stop();
		};
		const draw = () => {
			const part = Math.min(1, (performance.now() - began) / (seconds * 1000));
			ring.style.strokeDasharray = around * part + ' ' + around;
			if (recorder.state === 'recording')
				requestAnimationFrame(draw);
		};
		recorder.ondataavailable = (event) => {
			if (event.data && event.data.size)
				chunks.push(event.data);
		};
		recorder.onerror = () => mine === turn && fail('Broken');
		recorder.onstop = () => {
			document.removeEventListener('visibilitychange', stop);
			if (mine === turn)
				finish(recorder, chunks, (performance.now() - began) / 1000);
		};
		recorder.onstart = () => {
			began = performance.now();
			line.textContent = text('Recording');
			setTimeout(stop, seconds * 1000);
			draw();
		};
		document.addEventListener('visibilitychange', stop);
		stream.getTracks().forEach((track) => {
			track.onended = stop;
		});
		expect(seconds + 5);
		recorder.start();
	};
	const prepare = (n, mine) => {
		if (mine !== turn)
			return;
		if (!n) {
			count.textContent = '';
			try {
				record();
			} catch (e) {
				fail('Broken');
			}
			return;
		}
		count.textContent = n;
		line.textContent = text('Ready').replace('{n}', n);
		setTimeout(prepare, 1000, n - 1, mine);
	};
	const begin = () => {
		if (recording)
			return;
		clear();
		setBusy(true);
		upload.complain('');
		show(problem, false);
		show(start, false);
		show(choice, false);
		line.textContent = text('Opening');
		expect(20, slow);
		const mine = turn;
		devices.getUserMedia({
			audio: true,
			video: { facingMode: 'user', width: { ideal: 480 }, height: { ideal: 640 }, frameRate: { ideal: 15, max: 24 } },
		}).then((got) => {
			if (mine !== turn || one('[data-going]:not([hidden])'))
				return got.getTracks().forEach((track) => track.stop());
			clearTimeout(watch);
			setBusy(true);
			show(problem, false);
			show(start, false);
			stream = got;
			video = document.createElement('video');
			video.className = 'mirror';
			video.muted = video.autoplay = true;
			video.setAttribute('playsinline', '');
			video.srcObject = stream;
			stage.insertBefore(video, stage.firstChild);
			video.play().catch(() => {});
			prepare(3, mine);
		}).catch((error) => {
			if (mine !== turn)
				return;
			if (/NotAllowed|Security|PermissionDenied/.test(error.name))
				fail('Denied');
			else if (/NotReadable|TrackStart|Abort/.test(error.name))
				fail('Busy');
			else if (/NotFound|Overconstrained/.test(error.name))
				fail('None');
			else
				fail('Broken');
			fallback.open = true;
		});
	};
	start.addEventListener('click', begin);
	one('[data-rec-again]', box).addEventListener('click', begin);
	use.addEventListener('click', () => {
		line.textContent = '';
		video.pause();
		upload.send(clip, /mp4/.test(clip.type) ? 'clip.mp4' : 'clip.webm');
	});
	window.addEventListener('pagehide', release);
	show(box, true);
	fallback.open = 'first' in fallback.dataset || !!one('.bad', fallback);
});

// The digits live some minutes from now, whatever the phone's clock says. What was recorded with them, or is on its way, is the
// server's to judge.
guard(() => {
	const box = one('[data-live]');
	if (!box || !box.dataset.left)
		return;
	const until = Date.now() + box.dataset.left * 1000;
	const timer = setInterval(() => {
		if (Date.now() < until || recording || one('[data-rec-choice]:not([hidden]), [data-going]:not([hidden])', box))
			return;
		clearInterval(timer);
		all('[data-recorder], [data-fallback], [data-say]', box).forEach((part) => show(part, false));
		show(one('[data-expired]', box), true);
	}, 1000);
});
