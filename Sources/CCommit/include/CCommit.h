// Which commit this was built from, or an empty text where the build was not told: the Makefile tells it in LASER_COMMIT.
//
// In C, because only there a build can hand over a text, and a new commit then compiles nothing but one line.
const char *laser_commit(void);
