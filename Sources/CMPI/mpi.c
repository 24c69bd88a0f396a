#include "CMPI.h"
#include <dlfcn.h>
#include <stddef.h>

// The names and types are those of OpenMPI 4 and 5, whose handles are addresses of objects in the library; MPI does not fix
// them, and other implementations have other ones.
static int (*init_thread)(int *, char ***, int, int *);
static int (*comm_rank)(void *, int *);
static int (*comm_size)(void *, int *);
static int (*send_bytes)(const void *, int, void *, int, int, void *);
static int (*receive_bytes)(void *, int, void *, int, int, void *, void *);
static int (*broadcast)(void *, int, void *, int, void *);
static int (*finalize)(void);
static void *world, *byte_type;

enum { funneled = 1, tag = 7 };

static const char *find(void) {
  static const char *const names[] = {"libmpi.so.40", "libmpi.so", "libmpi.dylib"};
  void *library = NULL;
  // What OpenMPI loads later looks for its symbols among those of the process.
  for (size_t index = 0; !library && index < sizeof names / sizeof *names; ++index) {
    library = dlopen(names[index], RTLD_NOW | RTLD_GLOBAL);
  }
  if (!library) return "there is no OpenMPI (libmpi.so.40) on this machine; install openmpi-bin, or start without mpirun";
  *(void **)&init_thread = dlsym(library, "MPI_Init_thread");
  *(void **)&comm_rank = dlsym(library, "MPI_Comm_rank");
  *(void **)&comm_size = dlsym(library, "MPI_Comm_size");
  *(void **)&send_bytes = dlsym(library, "MPI_Send");
  *(void **)&receive_bytes = dlsym(library, "MPI_Recv");
  *(void **)&broadcast = dlsym(library, "MPI_Bcast");
  *(void **)&finalize = dlsym(library, "MPI_Finalize");
  world = dlsym(library, "ompi_mpi_comm_world");
  byte_type = dlsym(library, "ompi_mpi_byte");
  return init_thread && comm_rank && comm_size && send_bytes && receive_bytes && broadcast && finalize && world && byte_type
      ? NULL : "libmpi is not OpenMPI's; expected OpenMPI 4 or later";
}

static const char *text(int code) { return code ? "MPI gave an error" : NULL; }

const char *mpi_join(int *rank, int *count) {
  const char *error = find();
  if (error) return error;
  int provided = 0;
  if (init_thread(NULL, NULL, funneled, &provided) || comm_rank(world, rank) || comm_size(world, count)) {
    return "MPI did not start";
  }
  return NULL;
}

const char *mpi_send(const void *bytes, int count, int rank) {
  return text(send_bytes(bytes, count, byte_type, rank, tag, world));
}

const char *mpi_receive(void *bytes, int count, int rank) {
  // The last argument is MPI_STATUS_IGNORE.
  return text(receive_bytes(bytes, count, byte_type, rank, tag, world, NULL));
}

const char *mpi_broadcast(void *bytes, int count) { return text(broadcast(bytes, count, byte_type, 0, world)); }

const char *mpi_leave(void) { return text(finalize()); }
