/* Inside table/ only: the zip around an XLSX, as parts that are read in pieces. What a part expands to is counted as it comes out, never
 * taken from what the zip says of itself. */
#ifndef TABLE_PACKAGE_H
#define TABLE_PACKAGE_H

#include "table/reader.h"

#define PACKAGE_PARTS_MAX 5000
#define PACKAGE_EXPANDED_MAX ((size_t)64 << 20) /* of all parts that are read */
#define PACKAGE_RATIO_MAX 300                   /* expanded to packed, once a part is larger than the next one */
#define PACKAGE_RATIO_FROM ((size_t)4 << 20)

struct package;
struct part;

/* TABLE_BROKEN, TABLE_BOMB, TABLE_TOO_LARGE, TABLE_PASSWORD, or what else the zip holds: TABLE_NOT_A_TABLE, TABLE_OTHER_FORMAT.
 * file is borrowed. Released with the arena. */
enum table_problem package_open(struct package **out, struct arena *a, struct bytes file);
bool package_has(const struct package *p, const char *name);
/* Names as in the package, without a leading '/'; letter case does not count. TABLE_BROKEN when there is no such part. Released with the
 * arena, or by part_close. */
enum table_problem part_open(struct part **out, struct package *p, const char *name);
/* got 0: the part ended as it should. */
enum table_problem part_read(struct part *part, void *out, size_t size, size_t *got);
void part_close(struct part *part);

#endif
