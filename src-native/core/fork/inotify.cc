#include "core/fork/inotify.h"

#include "core/fork/arch.h"

#if PRONG_FORK_THREADS

#include <errno.h>
#include <fcntl.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <algorithm>
#include <string>
#include <vector>

namespace prong::fork {

namespace {

struct Watch {
  int number;
  std::string path;
};

// What uv_fs_event_start() asks for.
constexpr uint32_t kEvents = IN_ATTRIB | IN_CREATE | IN_MODIFY | IN_DELETE | IN_DELETE_SELF | IN_MOVE_SELF |
                             IN_MOVED_FROM | IN_MOVED_TO;
constexpr int kMostNumbers = 100000;

void Collect(uv_handle_t* handle, void* data) {
  if (handle->type != UV_FS_EVENT || !uv_is_active(handle)) return;
  const auto* event = reinterpret_cast<const uv_fs_event_t*>(handle);
  if (event->path == nullptr || event->wd < 1) return;
  static_cast<std::vector<Watch>*>(data)->push_back({event->wd, event->path});
}

}  // namespace

int RenewInotify(uv_loop_t* loop) {
  std::vector<Watch> watches;
  uv_walk(loop, Collect, &watches);
  std::sort(watches.begin(), watches.end(),
            [](const Watch& a, const Watch& b) { return a.number < b.number; });

  const int fresh = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
  if (fresh < 0) return -errno;
  int next = 1;  // the kernel gives numbers upwards and does not come back to one for long
  for (const Watch& watch : watches) {
    if (watch.number < next) continue;  // several handles on one path
    if (watch.number - next > kMostNumbers) break;
    while (next < watch.number) {
      const int spare = inotify_add_watch(fresh, "/", IN_DELETE_SELF);
      if (spare < 0) break;
      inotify_rm_watch(fresh, spare);
      next = spare + 1;
    }
    const int number = inotify_add_watch(fresh, watch.path.c_str(), kEvents);
    if (number > 0) next = number + 1;
  }
  // The dummies leave an IN_IGNORED each: libuv passes over numbers that it does not know.
  const int done = dup3(fresh, loop->inotify_fd, O_CLOEXEC) < 0 ? -errno : 0;
  close(fresh);
  return done;
}

}  // namespace prong::fork

#endif
