/* 选择车辆 of companies: what the table, the pasted text and the imported file share. */
#ifndef FLOW_FLEET_CARS_H
#define FLOW_FLEET_CARS_H

#include "flow/flow.h"
#include "store/batch.h"

/* The company of the draft, and what fits its flow. ST_DENIED: it has answered. */
enum status fleet_scope(struct flow_visit *v, struct company *company, struct batch_scope *out) MUST_CHECK;

/* POST /FLOW/upload/cars: pasted text (field "vins") or a file (field "file"), multipart. */
enum status fleet_take_serve(struct request *r);
/* POST /FLOW/cars/good: those of the table that the page named that fit. GET /FLOW/cars/back.csv, .xlsx: that table with reasons.
 * GET /FLOW/cars/template.csv, .xlsx: an empty one. */
enum status fleet_good_serve(struct request *r);
enum status fleet_file_serve(struct request *r);

#endif
