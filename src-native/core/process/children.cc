#include "core/process/children.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <memory>
#include <string>

namespace prong::process {

namespace {

struct Close {
  void operator()(FILE* file) const { fclose(file); }
  void operator()(DIR* directory) const { closedir(directory); }
};
using File = std::unique_ptr<FILE, Close>;
using Directory = std::unique_ptr<DIR, Close>;

bool IsNumber(const char* name) { return name[0] >= '0' && name[0] <= '9'; }

// A thread's list. False where the kernel has no such file.
bool AddOf(const char* thread, std::vector<pid_t>* children) {
  const std::string path = std::string("/proc/self/task/") + thread + "/children";
  const File file(fopen(path.c_str(), "re"));
  if (file == nullptr) return false;
  int pid = 0;
  while (fscanf(file.get(), "%d", &pid) == 1) children->push_back(pid);
  return true;
}

bool FromThreads(std::vector<pid_t>* children) {
  const Directory tasks(opendir("/proc/self/task"));
  if (tasks == nullptr) return false;
  bool any = false;
  while (const dirent* entry = readdir(tasks.get())) {
    if (IsNumber(entry->d_name)) any |= AddOf(entry->d_name, children);
  }
  return any;
}

pid_t ParentOf(const char* pid) {
  const File file(fopen((std::string("/proc/") + pid + "/stat").c_str(), "re"));
  char line[512];
  if (file == nullptr || fgets(line, sizeof line, file.get()) == nullptr) return -1;
  // The name, in brackets, may contain anything.
  const char* rest = strrchr(line, ')');
  char state = 0;
  int parent = -1;
  return rest != nullptr && sscanf(rest + 1, " %c %d", &state, &parent) == 2 ? parent : -1;
}

}  // namespace

std::vector<pid_t> Children() {
  std::vector<pid_t> children;
  if (FromThreads(&children)) return children;
  const Directory processes(opendir("/proc"));
  if (processes == nullptr) return children;
  const pid_t self = getpid();
  while (const dirent* entry = readdir(processes.get())) {
    if (IsNumber(entry->d_name) && ParentOf(entry->d_name) == self) children.push_back(atoi(entry->d_name));
  }
  return children;
}

}  // namespace prong::process
