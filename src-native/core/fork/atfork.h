// pthread_atfork for a fork that is not the C library's: its list of handlers is found in the C library (by
// two handlers of our own in it), so that libuv's and every other library's run as they would in fork().
#pragma once

#include <string>

namespace prong::fork {

class AtForkHandlers {
 public:
  // Finds the list, once; later calls only look whether it grew. False, with a reason, where it can't be
  // proved.
  static bool Find(std::string* reason);

  static void RunPrepare();   // in reverse order of registration
  static void RunInParent();  // in order
  static void RunInChild();
};

}  // namespace prong::fork
