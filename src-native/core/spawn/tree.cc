#include "core/spawn/tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <set>
#include <string>

#include "core/spawn/stdio.h"
#include "core/spawn/wait.h"

namespace prong::spawn {

namespace {

struct Process {
  pid_t pid;
  pid_t parent;
  pid_t group;
  pid_t session;
  char state;
  int threads;
  unsigned long long started;  // clock ticks since the machine's start

  // A process whose first thread has ended shows as a zombie, and lives.
  bool dead() const { return state == 'X' || (state == 'Z' && threads <= 1); }
  bool at_rest() const { return state == 'T' || state == 't' || state == 'Z'; }
};

bool ReadProcess(pid_t pid, Process* process) {
  char path[32];
  snprintf(path, sizeof path, "/proc/%d/stat", pid);
  const Fd file(open(path, O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) return false;
  char text[512];
  const ssize_t size = read(file.get(), text, sizeof text - 1);
  if (size <= 0) return false;
  text[size] = '\0';
  // The name may contain anything, parentheses too.
  const char* rest = strrchr(text, ')');
  process->pid = pid;
  return rest != nullptr &&
         sscanf(rest + 1, " %c %d %d %d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %d %*d %llu",
                &process->state, &process->parent, &process->group, &process->session, &process->threads,
                &process->started) == 6;
}

std::vector<Process> AllProcesses() {
  std::vector<Process> all;
  DIR* directory = opendir("/proc");
  if (directory == nullptr) return all;
  while (const dirent* entry = readdir(directory)) {
    const long pid = strtol(entry->d_name, nullptr, 10);
    Process process{};
    if (pid > 0 && ReadProcess(static_cast<pid_t>(pid), &process)) all.push_back(process);
  }
  closedir(directory);
  return all;
}

// One of the root's pipes: what it is, and which permission the link of its far end shows in /proc.
struct FarEnd {
  dev_t device;
  ino_t inode;
  mode_t permission;
};

bool HoldsPipe(pid_t pid, const std::vector<FarEnd>& ends) {
  const std::string base = "/proc/" + std::to_string(pid) + "/fd";
  DIR* directory = opendir(base.c_str());
  if (directory == nullptr) return false;
  bool found = false;
  while (const dirent* entry = found ? nullptr : readdir(directory)) {
    if (entry->d_name[0] == '.') continue;
    struct stat info;
    if (fstatat(dirfd(directory), entry->d_name, &info, 0) != 0 || !S_ISFIFO(info.st_mode)) continue;
    for (const FarEnd& end : ends) {
      if (end.inode != info.st_ino || end.device != info.st_dev) continue;
      // A process that we forked holds our own end: it isn't meant.
      struct stat link;
      found = fstatat(dirfd(directory), entry->d_name, &link, AT_SYMLINK_NOFOLLOW) == 0 &&
              (link.st_mode & end.permission) != 0;
      if (found) break;
    }
  }
  closedir(directory);
  return found;
}

class Hunt {
 public:
  explicit Hunt(const Tree& tree) : tree_(tree), self_(getpid()) {
    for (const int fd : tree.our_pipes) {
      struct stat info;
      if (fd < 0 || fstat(fd, &info) != 0 || !S_ISFIFO(info.st_mode)) continue;
      const bool we_read = (fcntl(fd, F_GETFL) & O_ACCMODE) == O_RDONLY;
      far_ends_.push_back({info.st_dev, info.st_ino, we_read ? mode_t{S_IWUSR} : mode_t{S_IRUSR}});
    }
    for (pid_t above = self_; above > 0;) {
      // Ancestors and ourselves are never part of the tree, whatever they hold.
      spared_.insert(above);
      Process process{};
      if (!ReadProcess(above, &process)) break;
      above = process.parent;
    }
  }

  // Stops until a look at all processes finds nobody new, while all that were found are at rest.
  void StopAll() {
    constexpr double kPatienceMs = 100;
    const Deadline deadline(kPatienceMs);
    if (tree_.root_alive) Add(tree_.root);
    for (bool first = true;; first = false) {
      AwaitRest(deadline);
      const size_t before = members_.size();
      // Looking at everybody's pipes takes long: not before the tree itself is known.
      Look(!first && !far_ends_.empty());
      if (!first && members_.size() == before) return;
    }
  }

  int SignalAll(int signal) {
    int reached = 0;
    for (const pid_t pid : members_) reached += kill(pid, signal) == 0 ? 1 : 0;
    if (signal != SIGKILL && signal != SIGSTOP) {
      for (const pid_t pid : members_) kill(pid, SIGCONT);
    }
    return reached;
  }

  // Whom nobody may be left to reap.
  std::set<pid_t> descendants() const {
    std::set<pid_t> all = members_;
    all.insert(dead_.begin(), dead_.end());
    all.erase(tree_.root);
    return all;
  }
  bool has(pid_t pid) const { return members_.count(pid) != 0; }

  // Orphans of other programs, too, become our children while we adopt. Where another thread may have started
  // a child of its own meanwhile, only their age tells them apart: those born meanwhile are left alone.
  void CollectStrangers(unsigned long long since, std::vector<pid_t>* adopted) const {
    for (const Process& process : AllProcesses()) {
      if (process.parent != self_ || children_.count(process.pid) != 0) continue;
      if (tree_.only_thread || process.started + 1 < since) adopted->push_back(process.pid);
    }
  }

 private:
  void Add(pid_t pid) {
    if (spared_.count(pid) != 0 || !members_.insert(pid).second) return;
    kill(pid, SIGSTOP);
  }

  // A stop takes effect when the process next leaves the kernel: until then a fork may still come through.
  // Somebody in uninterruptible sleep, in vfork say, can't be waited for for ever.
  void AwaitRest(const Deadline& deadline) const {
    for (const pid_t pid : members_) {
      Process process{};
      while (ReadProcess(pid, &process) && !process.at_rest() && deadline.remaining_ms() > 0) usleep(50);
    }
  }

  void Look(bool at_pipes) {
    children_.clear();
    for (const Process& process : AllProcesses()) {
      if (process.parent == self_) children_.insert(process.pid);
      if (members_.count(process.pid) != 0) continue;
      if (process.dead()) {
        // Its parent was stopped before it could reap it.
        if (process.pid != tree_.root && members_.count(process.parent) != 0) dead_.insert(process.pid);
      } else if (Belongs(process) || (at_pipes && HoldsFarEnd(process))) {
        Add(process.pid);
      }
    }
  }

  bool Belongs(const Process& process) {
    if (members_.count(process.parent) != 0) return true;
    return tree_.leads_group && (process.group == tree_.root || process.session == tree_.root);
  }

  // A child of ours that reads another's output, in a pipeline, isn't that one's descendant.
  bool HoldsFarEnd(const Process& process) const {
    return process.parent != self_ && spared_.count(process.pid) == 0 && HoldsPipe(process.pid, far_ends_);
  }

  const Tree& tree_;
  const pid_t self_;
  std::vector<FarEnd> far_ends_;
  std::set<pid_t> spared_;
  std::set<pid_t> members_;
  std::set<pid_t> dead_;
  std::set<pid_t> children_;  // ours, as of the last look
};

// While it lives, orphans of our descendants become our children, and so can be reaped.
class AdoptingOrphans {
 public:
  AdoptingOrphans() {
    if (prctl(PR_GET_CHILD_SUBREAPER, &before_, 0, 0, 0) == 0 && before_ == 0) {
      prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
    }
  }
  ~AdoptingOrphans() {
    if (before_ == 0) prctl(PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0);
  }
  AdoptingOrphans(const AdoptingOrphans&) = delete;
  AdoptingOrphans& operator=(const AdoptingOrphans&) = delete;

 private:
  int before_ = 1;
};

// As in Process::started.
unsigned long long TicksNow() {
  timespec now;
  clock_gettime(CLOCK_BOOTTIME, &now);
  const auto per_second = static_cast<unsigned long long>(sysconf(_SC_CLK_TCK));
  return static_cast<unsigned long long>(now.tv_sec) * per_second +
         static_cast<unsigned long long>(now.tv_nsec) * per_second / 1000000000;
}

// Children first leave their parents, which may take a moment, and then are ours to reap.
void ReapDescendants(const Hunt& hunt, const Deadline& deadline) {
  for (const pid_t pid : hunt.descendants()) {
    for (;;) {
      const pid_t got = waitpid(pid, nullptr, WNOHANG);
      if (got == pid || (got < 0 && errno == ECHILD && kill(pid, 0) != 0)) break;
      Process process{};
      if (!ReadProcess(pid, &process)) break;
      // Somebody else's to reap: init's, or another subreaper's.
      const bool foreign = got < 0 && process.state == 'Z' && !hunt.has(process.parent);
      if (foreign || deadline.remaining_ms() == 0) break;
      usleep(200);
    }
  }
}

}  // namespace

int SignalTree(const Tree& tree, int signal, std::vector<pid_t>* adopted) {
  constexpr double kPatienceMs = 1000;
  const unsigned long long since = TicksNow();
  Hunt hunt(tree);
  hunt.StopAll();
  if (signal != SIGKILL) return hunt.SignalAll(signal);
  int reached = 0;
  {
    const AdoptingOrphans adopting;
    reached = hunt.SignalAll(SIGKILL);
    const Deadline deadline(kPatienceMs);
    if (tree.root_alive) AwaitEnd(tree.root, tree.root_pidfd, deadline);
    ReapDescendants(hunt, deadline);
  }
  hunt.CollectStrangers(since, adopted);
  return reached;
}

}  // namespace prong::spawn
