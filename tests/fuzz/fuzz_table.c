/* A file somebody uploaded as a table: any bytes. */
#include <stddef.h>
#include <stdint.h>

#include "table_check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_create();

	check_table(a, (struct bytes){data, size});
	arena_destroy(a);
	return 0;
}
