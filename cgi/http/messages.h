/* Every message to users, by key, in one table: Simplified Chinese, at most 40 characters, says what is wrong and what to do. */
#ifndef HTTP_MESSAGES_H
#define HTTP_MESSAGES_H

#include "base/arena.h"

/* The text of key with its one {placeholder} replaced by argument. An unknown key is logged and gives a
 * general text. */
const char *message_text(struct arena *a, const char *key, const char *argument);
/* For the tests: key number i, NULL behind the last. */
const char *message_key(int i);

#endif
