// gzopen and gzread read plain files and gzip files alike, and several gzip members after each other.
#include <zlib.h>
