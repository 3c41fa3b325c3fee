/* The header parsers on any bytes: they must stay inside and keep their promises. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "image/header.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	enum image_type type = image_sniff(data, size);
	uint32_t width = 0, height = 0;
	int orientation = image_orientation(data, size);

	if (type >= IMAGE_TYPE_MAX || !image_type_name(type) || orientation < 1 || orientation > 8)
		abort();
	/* Each parser on everything, also on what it was not made for. */
	for (int t = 0; t < IMAGE_TYPE_MAX; t++) {
		if (!image_measure((enum image_type)t, data, size, &width, &height))
			continue;
		if (width == 0 || height == 0 || width > INT32_MAX || height > INT32_MAX)
			if (t != IMAGE_PNG || width == 0 || height == 0)
				abort();
	}
	return 0;
}
