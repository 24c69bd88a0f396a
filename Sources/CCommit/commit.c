#include "CCommit.h"

const char *laser_commit(void) { return LASER_COMMIT; }
