// The few functions of OpenMPI that a training of several processes needs. The library is looked for when the first is
// called, so that nobody else has to have it.
//
// A function returns a null pointer, or what went wrong. MPI itself ends all processes where one of them is lost.
#ifndef CMPI_H
#define CMPI_H

// Joins the processes that mpirun has started: which of them this is, and how many there are.
const char *mpi_join(int *rank, int *count);
// Sends bytes to a process, which waits for as many from this one.
const char *mpi_send(const void *bytes, int count, int rank);
const char *mpi_receive(void *bytes, int count, int rank);
// Gives the bytes of process 0 to all.
const char *mpi_broadcast(void *bytes, int count);
// Says that this process ends on purpose; every process does so.
const char *mpi_leave(void);

#endif
