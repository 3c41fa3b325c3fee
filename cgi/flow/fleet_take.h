/* Cars by pasted text or by a table file: what its parts share. fleet_take.c answers, fleet_take_read.c reads and judges, fleet_take_file.c
 * keeps the file and gives files. */
#ifndef FLOW_FLEET_TAKE_H
#define FLOW_FLEET_TAKE_H

#include "flow/fleet_cars.h"
#include "table/reader.h"

#define TAKE_BYTES_MAX ((size_t)5 << 20)
extern const struct table_limits take_limits;

/* One car that was given, by its VIN, by the ICCID of a card that is in it, or by both. */
struct taken {
	int row;                 /* in the table, or the number in the pasted text */
	const char *given;       /* as it stood, cut */
	const char *vin, *iccid; /* cleaned; NULL: not given, or not well-formed */
	const char *fault;       /* message key; NULL: it fits */
	bool doubtful;           /* its ICCID may be what a spreadsheet left of another one */
	int pick;                /* index into the picks; -1: none */
};

struct take {
	struct flow_visit v;
	struct batch_scope scope;
	struct buffer body;
	bool table, closed;
	const char *kept; /* the table's evidence, when it was kept or loaded */
	/* read */
	struct taken *rows;
	int count, right, there, doubled, faults;
	int header_row;
	struct batch_pick *picks;
	int pick_count;
	const struct table_about *about; /* of the table; NULL: it was not read */
	const char *problem, *found;     /* of the file as a whole: message key, and what it says */
};

/* Enters the page of cars. ST_DENIED with an answer: it has answered. */
enum status take_begin(struct take *t, struct request *r) MUST_CHECK;
/* The body of the request: the first part that has any bytes. */
enum status take_read_body(struct request *r, struct take *t) MUST_CHECK;
/* Reads and judges what is in the body: every row with its fault, or t->problem for all of it. */
enum status take_look(struct take *t) MUST_CHECK;

/* The body as a file of the draft, sealed: t->kept; it commits. */
enum status take_keep_file(struct take *t) MUST_CHECK;
/* The file that the page named, as the body: another tab may have sent another table since. ST_NOT_FOUND: the draft has no such table. */
enum status take_load_file(struct take *t) MUST_CHECK;

#endif
