// Calls done(blob, name, width, height, url) with the picture at most 2048 px long as JPEG; with the original whenever anything
// is in the way. Browsers that do not turn pictures by themselves send the original: the server turns it.
const shrink = (file, done) => {
	let finished = false, url = '';
	const finish = (blob, name, width, height) => {
		if (finished)
			return;
		finished = true;
		done(blob, name, width || 0, height || 0, url);
	};
	const original = (width, height) => finish(file, file.name || 'photo.jpg', width, height);
	try {
		const image = new Image();
		url = URL.createObjectURL(file);
		setTimeout(original, 10000);
		image.onerror = () => {
			url = '';
			original();
		};
		image.onload = () => {
			const width = image.naturalWidth, height = image.naturalHeight;
			try {
				const scale = Math.min(1, 2048 / Math.max(width, height));
				const turns = window.CSS && CSS.supports('image-orientation', 'from-image');
				if (!turns || (scale === 1 && file.type === 'image/jpeg' && file.size <= 614400))
					return original(width, height);
				const canvas = document.createElement('canvas');
				canvas.width = Math.round(width * scale);
				canvas.height = Math.round(height * scale);
				const pen = canvas.getContext('2d');
				pen.fillStyle = '#fff';
				pen.fillRect(0, 0, canvas.width, canvas.height);
				pen.drawImage(image, 0, 0, canvas.width, canvas.height);
				canvas.toBlob((blob) => {
					if (blob && (scale < 1 || blob.size < file.size || file.type !== 'image/jpeg'))
						finish(blob, 'photo.jpg', width, height);
					else
						original(width, height);
				}, 'image/jpeg', 0.82);
			} catch (e) {
				original(width, height);
			}
		};
		image.src = url;
	} catch (e) {
		original();
	}
};

const preview = (box, url) => {
	const card = box.closest('.card');
	const old = card && one('.photo, .sample', card);
	if (!old || !url)
		return;
	const image = new Image();
	image.className = 'photo';
	image.alt = '';
	image.src = url;
	old.parentNode.replaceChild(image, old);
};

// Choosing a file: real buttons press the kept inputs; the file goes up at once.
guard(() => all('[data-uploader]').forEach((box) => {
	const taps = one('[data-taps]', box);
	const maximum = Number(box.dataset.max) || Infinity;
	const waiting = [];
	// Of several files the next goes up when the one before is there.
	const line = sender(box, (busy) => show(taps, !busy), () => waiting.length && (take(waiting.shift()), true));

	const take = (file) => {
		const video = box.dataset.kind === 'video';
		if (!file.size)
			return line.complain(line.text('Empty'));
		if (box.dataset.kind === 'paper' && (file.type === 'application/pdf' || /\.pdf$/i.test(file.name || '')))
			return file.size > maximum ? line.complain(line.text('Big')) : line.send(file, file.name || 'paper.pdf');
		if (file.type && file.type.indexOf(video ? 'video/' : 'image/') !== 0)
			return line.complain(line.text('Type'));
		if (video)
			return file.size > maximum ? line.complain(line.text('Big')) : line.send(file, file.name || 'clip.mp4');
		show(taps, false);
		line.prepare();
		shrink(file, (blob, name, width, height, url) => {
			if (width && Math.max(width, height) < 600)
				return line.refuse(line.text('Small'));
			if (blob.size > maximum)
				return line.refuse(line.text('Big'));
			guard(() => preview(box, url));
			line.send(blob, name);
		});
	};
	const takeAll = (files) => {
		const most = Number(box.dataset.many) || 1;
		if (files.length > most)
			return line.complain(most > 1 ? line.text('Many').replace('{n}', most) : line.text('Type'));
		waiting.length = 0;
		waiting.push(...files.slice(1));
		take(files[0]);
	};
	all('.native', box).forEach((form) => {
		const input = one('input[type=file]', form);
		form.classList.add('hide');
		form.setAttribute('aria-hidden', 'true');
		all('input, button', form).forEach((control) => {
			control.tabIndex = -1;
		});
		if ('multiple' in input.dataset)
			input.multiple = true;
		input.addEventListener('change', () => {
			const files = Array.from(input.files);
			if (!files.length)
				return;
			try {
				takeAll(files);
				input.value = '';
			} catch (e) {
				form.submit();
			}
		});
	});
	const drop = one('[data-drop]', box);
	if (drop) {
		const over = (event, on) => {
			event.preventDefault();
			drop.classList.toggle('over', on);
		};
		drop.addEventListener('dragover', (event) => over(event, true));
		drop.addEventListener('dragleave', (event) => over(event, false));
		drop.addEventListener('drop', (event) => {
			over(event, false);
			if (event.dataTransfer.files.length)
				takeAll(Array.from(event.dataTransfer.files));
		});
		// Beside the zone a dropped file would take the place of the page.
		['dragover', 'drop'].forEach((name) => window.addEventListener(name, (event) => event.preventDefault()));
	}
	all('[data-pick]', box).forEach((button) => button.addEventListener('click', () => document.getElementById(button.dataset.pick).click()));
	show(taps, true);
}));
