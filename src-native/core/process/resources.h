// Priorities, limits and processors. Each call returns 0 or -errno.
#pragma once

#include <sys/types.h>

#include <vector>

namespace prong::process {

int Nice(int increment, int* value);
int GetPriority(int which, id_t who, int* value);
int SetPriority(int which, id_t who, int value);

// In doubles, as JavaScript has them; infinity for no limit.
int GetLimit(int resource, double (&limits)[2]);
int SetLimit(int resource, const double (&limits)[2]);

int GetAffinity(pid_t pid, std::vector<int>* cpus);
int SetAffinity(pid_t pid, const std::vector<int>& cpus);
int CpuCount();

// The signal this process gets when the thread that forked it ends.
int SetDeathSignal(int signal);

}  // namespace prong::process
