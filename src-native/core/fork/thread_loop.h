// A helper thread that waits in an event loop of its own (the delayed-task scheduler, a vm time-out's
// watchdog, the inspector) shares its epoll set and eventfd with the parent after a fork, and each would take
// the other's wake-ups.
#pragma once

namespace prong::fork {

// In the child, before the thread is revived: lays a fresh set with fresh members under the same numbers.
// Sockets of the inspector stay the parent's: what lies there then is silent, or at its end. 0 or -errno.
int RenewThreadLoop(int epoll_fd);

// Whether a descriptor is an epoll set.
bool IsEpoll(int fd);

}  // namespace prong::fork
