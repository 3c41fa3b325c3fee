/* 我的信息: what is stored about a person, of the applications of the phone that signed in; a copy, corrections, the withdrawal of the
 * consent to the handling of the face, deletion. Numbers of phones change hands: what shows more than a mask, and what changes anything,
 * asks for the last 4 of the certificate first. */
#ifndef FLOW_MINE_H
#define FLOW_MINE_H

#include "http/request.h"

enum status mine_serve(struct request *r);          /* /mine: the list */
enum status mine_item_serve(struct request *r);     /* /mine/item/ID: one application */
enum status mine_picture_serve(struct request *r);  /* /mine/picture/ID: one file */
enum status mine_proof_serve(struct request *r);    /* /mine/proof?item=ID */
enum status mine_copy_serve(struct request *r);     /* POST /mine/download */
enum status mine_correct_serve(struct request *r);  /* /mine/correct?item=ID */
enum status mine_withdraw_serve(struct request *r); /* POST /mine/withdraw */
enum status mine_delete_serve(struct request *r);   /* POST /mine/delete */

#endif
