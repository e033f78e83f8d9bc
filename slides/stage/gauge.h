/* gauge: what can be measured about a process, and about the machine, from outside. */
#ifndef GAUGE_H
#define GAUGE_H

#include <sys/types.h>

/* Each returns -1 where the system does not tell, or the process has ended. */

/* CPU time that a process has used, all threads, in microseconds. */
double gauge_cpu_us(pid_t pid);

/* Descriptors that it has open, and its resident memory in KiB (proc(5), Linux). */
long gauge_descriptors(pid_t pid);
long gauge_memory_kib(pid_t pid);

/* Does its first thread wait (1), or has it a processor or need of one (0)? (proc(5)) */
int gauge_waits(pid_t pid);

/* How often its threads have left the processor: because they had to wait, or because
   another was to run (proc(5), Linux). */
long gauge_switches(pid_t pid);

/* CPU time that all processes of the machine have used, in microseconds (proc(5)). */
double gauge_machine_us(void);

/* CPU time that this process has used. */
double gauge_own_us(void);

/* How many processors are there? 0: unknown. */
long gauge_processors(void);

#endif
