/* Inside table/ only: what a file is, by its first bytes. */
#ifndef TABLE_SNIFF_H
#define TABLE_SNIFF_H

#include "table/reader.h"

/* TABLE_GOOD for what may be an XLSX or a CSV (out says which), otherwise why it is none. */
enum table_problem table_sniff(struct bytes file, enum table_kind *out);

#endif
