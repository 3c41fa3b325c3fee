/* QR codes as the path of an SVG: a run of dark squares in a row is one rectangle. See qr.h. */
#include "flow/qr.h"

#include <qrencode.h>
#include <string.h>

#include "base/text.h"

#define QUIET 4 /* squares around the code that the standard wants light */
#define TEXT_MAX 300
#define PATH_MAX_BYTES 65536

char *qr_path(struct arena *a, const char *text, int *size)
{
	QRcode *code = strlen(text) <= TEXT_MAX ? QRcode_encodeString8bit(text, 0, QR_ECLEVEL_M) : NULL;
	struct buffer path;

	if (!code)
		return NULL;
	buffer_init(&path, a, PATH_MAX_BYTES);
	for (int y = 0; y < code->width; y++) {
		const unsigned char *row = code->data + y * code->width;

		for (int x = 0, end; x < code->width; x = end + 1) {
			for (end = x; end < code->width && row[end] & 1;)
				end++;
			if (end > x)
				buffer_printf(&path, "M%d %dh%dv1h-%dz", x + QUIET, y + QUIET, end - x, end - x);
		}
	}
	*size = code->width + 2 * QUIET;
	QRcode_free(code);
	return path.overflow ? NULL : path.data;
}
