// Queues: one call for each message, values straight into and out of shared memory. Raw Node-API calls, for
// these are called often.
//
// A result is left in words that JavaScript reads without a call: see State.
#include "core/ipc/queue.h"

#include <cstdlib>
#include <cstring>
#include <limits>

#include "binding/init.h"
#include "core/ipc/spin.h"
#include "util/error.h"

namespace prong {

namespace {

// Messages' tags: what JavaScript gives (with kBigFlag for those in a block of their own), and these.
constexpr uint32_t kNumberTag = 1;
constexpr uint32_t kLatin1Tag = 2;
constexpr uint32_t kUtf16Tag = 3;
// From here on JavaScript makes the value.
constexpr uint32_t kFirstRaw = 8;
// Longer strings are encoded by JavaScript.
constexpr size_t kLongestString = 2048;

enum StateWord { kStatus, kTag, kSizeLow, kSizeHigh, kStateWords };

// One an environment.
struct QueueEnv {
  napi_ref state_ref = nullptr;
  napi_ref bytes_ref = nullptr;
  uint32_t* state = nullptr;
  char* bytes = nullptr;  // where messages are copied to, kInlineMost of them
  QueueCore* big_queue = nullptr;
  BigRef big = {};
};

class Call {
 public:
  Call(napi_env env, napi_callback_info info) : env_(env) {
    void* data = nullptr;
    napi_get_cb_info(env, info, &count_, values_, nullptr, &data);
    state_ = static_cast<QueueEnv*>(data);
  }

  QueueEnv* state() const { return state_; }
  napi_value value(size_t index) const { return values_[index]; }
  double Double(size_t index) const {
    double value = 0;
    napi_get_value_double(env_, values_[index], &value);
    return value;
  }
  uint64_t Offset(size_t index) const { return static_cast<uint64_t>(Double(index)); }
  uint32_t Uint(size_t index) const { return static_cast<uint32_t>(Double(index)); }
  QueueCore* Queue() const { return arena::At<QueueCore>(Offset(0)); }
  // A view's bytes.
  char* Bytes(size_t index) const {
    void* data = nullptr;
    napi_get_typedarray_info(env_, values_[index], nullptr, nullptr, &data, nullptr, nullptr);
    return static_cast<char*>(data);
  }
  napi_value Int(int64_t value) const {
    napi_value result;
    napi_create_int64(env_, value, &result);
    return result;
  }

 private:
  napi_env env_;
  QueueEnv* state_ = nullptr;
  size_t count_ = 5;
  napi_value values_[5];
};

int64_t DeadlineOf(double ms) {
  if (!(ms < 9e12)) return std::numeric_limits<int64_t>::max();
  return NowNs() + static_cast<int64_t>(ms * 1e6);
}

// Tries, and waits for a part of `ms` at most; kAgain: call again with what is left.
template <typename F>
Status Waiting(QueueCore* queue, GateSide side, double ms, F attempt) {
  Status status = attempt();
  if (status != kAgain || ms <= 0) return status == kAgain ? kTimedOut : status;
  const int64_t deadline = DeadlineOf(ms);
  if (side == GateSide::kItems) {
    while (SpinForItems(queue)) {
      status = attempt();
      if (status != kAgain) return status;
    }
  }
  GateCore* gate = queue->gate(side);
  for (;;) {
    const Status opened = gate->WaitFor(deadline, true);
    if (opened == kNoMemory) return opened;
    if (opened == kAgain) {
      // Nothing has come for a while. The caller may want to end; its place in line is taken again.
      QueueGuard guard(gate->queue());
      gate->queue()->Unlink(SyncRecord());
    }
    status = attempt();
    if (status != kAgain) return status;
    if (opened == kTimedOut) return kTimedOut;
    if (opened == kAgain) {
      if (side == GateSide::kItems) queue->Trim();
      return kAgain;
    }
  }
}

// create(maxsize): the offset of a new queue.
napi_value Create(napi_env env, napi_callback_info info) {
  const Call call(env, info);
  uint64_t offset = 0;
  if (const int err = QueueCore::Create(call.Offset(0), &offset); err != 0) {
    return ThrowErrno(env, -err, "ftruncate");
  }
  return call.Int(static_cast<int64_t>(offset));
}

napi_value Dispose(napi_env env, napi_callback_info info) {
  QueueCore::Dispose(Call(env, info).Offset(0));
  return nullptr;
}

// putNumber(queue, number, ms, tag)
napi_value PutNumber(napi_env env, napi_callback_info info) {
  const Call call(env, info);
  QueueCore* queue = call.Queue();
  const double number = call.Double(1);
  const uint32_t tag = call.Uint(3);
  return call.Int(Waiting(queue, GateSide::kRoom, call.Double(2),
                          [&] { return queue->Put(tag, &number, sizeof number); }));
}

// Makes Latin-1 of UTF-16 in place; false where it can't be.
bool Narrow(char16_t* units, size_t length) {
  uint32_t all = 0;
  for (size_t n = 0; n < length; ++n) all |= units[n];
  if (all > 0xff) return false;
  char* to = reinterpret_cast<char*>(units);
  for (size_t n = 0; n < length; ++n) to[n] = static_cast<char>(units[n]);
  return true;
}

// putString(queue, string, ms): of at most kLongestString units.
napi_value PutString(napi_env env, napi_callback_info info) {
  const Call call(env, info);
  QueueCore* queue = call.Queue();
  char16_t units[kLongestString + 1];
  size_t length = 0;
  napi_get_value_string_utf16(env, call.value(1), units, kLongestString + 1, &length);
  const bool narrow = Narrow(units, length);
  const uint32_t tag = narrow ? kLatin1Tag : kUtf16Tag;
  const uint32_t size = static_cast<uint32_t>(narrow ? length : length * 2);
  return call.Int(
      Waiting(queue, GateSide::kRoom, call.Double(2), [&] { return queue->Put(tag, units, size); }));
}

// putBytes(queue, tag, view, length, ms)
napi_value PutBytes(napi_env env, napi_callback_info info) {
  const Call call(env, info);
  QueueCore* queue = call.Queue();
  const uint32_t tag = call.Uint(1);
  const char* bytes = call.Bytes(2);
  const uint64_t size = call.Offset(3);
  const double ms = call.Double(4);
  if (size <= kInlineMost) {
    return call.Int(Waiting(queue, GateSide::kRoom, ms,
                            [&] { return queue->Put(tag, bytes, static_cast<uint32_t>(size)); }));
  }
  const BigRef big{queue->TakeBig(size), size};
  if (big.block == 0) return call.Int(kNoMemory);
  std::memcpy(arena::At<char>(big.block), bytes, size);
  const Status status =
      Waiting(queue, GateSide::kRoom, ms, [&] { return queue->Put(tag | kBigFlag, &big, sizeof big); });
  if (status != kDone) queue->GiveBig(big.block);
  return call.Int(status);
}

// get(queue, ms): a number or string is the result itself. State says whether there is one, and where else to
// find it.
napi_value Get(napi_env env, napi_callback_info info) {
  const Call call(env, info);
  QueueEnv* mine = call.state();
  QueueCore* queue = call.Queue();
  MessageHead head;
  const Status status =
      Waiting(queue, GateSide::kItems, call.Double(1), [&] { return queue->Get(&head, mine->bytes); });
  mine->state[kStatus] = static_cast<uint32_t>(status);
  mine->state[kTag] = 0;
  if (status != kDone) return nullptr;
  napi_value result = nullptr;
  switch (head.tag) {
    case kNumberTag: {
      double number;
      std::memcpy(&number, mine->bytes, sizeof number);
      napi_create_double(env, number, &result);
      return result;
    }
    case kLatin1Tag:
      napi_create_string_latin1(env, mine->bytes, head.size, &result);
      return result;
    case kUtf16Tag:
      napi_create_string_utf16(env, reinterpret_cast<char16_t*>(mine->bytes), head.size / 2, &result);
      return result;
    default:
      break;
  }
  uint64_t size = head.size;
  if ((head.tag & kBigFlag) != 0) {
    std::memcpy(&mine->big, mine->bytes, sizeof mine->big);
    mine->big_queue = queue;
    size = mine->big.size;
  }
  mine->state[kTag] = head.tag;
  mine->state[kSizeLow] = static_cast<uint32_t>(size);
  mine->state[kSizeHigh] = static_cast<uint32_t>(size >> 32);
  return nullptr;
}

// takeBig(view?): copies what the last get() found in a block of its own, and gives the block back.
napi_value TakeBig(napi_env env, napi_callback_info info) {
  const Call call(env, info);
  QueueEnv* mine = call.state();
  if (mine->big.block == 0) return nullptr;
  char* to = call.Bytes(0);
  if (to != nullptr) std::memcpy(to, arena::At<char>(mine->big.block), mine->big.size);
  mine->big_queue->GiveBig(mine->big.block);
  mine->big = {};
  return nullptr;
}

napi_value Size(napi_env env, napi_callback_info info) {
  const Call call(env, info);
  return call.Int(static_cast<int64_t>(call.Queue()->Size()));
}

napi_value MaxSize(napi_env env, napi_callback_info info) {
  const Call call(env, info);
  return call.Int(static_cast<int64_t>(call.Queue()->MaxSize()));
}

napi_value Unfinished(napi_env env, napi_callback_info info) {
  const Call call(env, info);
  return call.Int(static_cast<int64_t>(call.Queue()->Unfinished()));
}

napi_value TaskDone(napi_env env, napi_callback_info info) {
  const Call call(env, info);
  return call.Int(call.Queue()->TaskDone());
}

// join(queue, ms): kDone once there is no unfinished task.
napi_value Join(napi_env env, napi_callback_info info) {
  const Call call(env, info);
  QueueCore* queue = call.Queue();
  return call.Int(Waiting(queue, GateSide::kTasks, call.Double(1),
                          [&] { return queue->Unfinished() == 0 ? kDone : kAgain; }));
}

// shutDown(queue, immediate)
napi_value ShutDown(napi_env env, napi_callback_info info) {
  const Call call(env, info);
  call.Queue()->ShutDown(call.Uint(1) != 0);
  return nullptr;
}

napi_value Trim(napi_env env, napi_callback_info info) {
  Call(env, info).Queue()->Trim();
  return nullptr;
}

// gate(queue, side): where a promise waits.
napi_value Gate(napi_env env, napi_callback_info info) {
  const Call call(env, info);
  return call.Int(static_cast<int64_t>(call.Queue()->gate_at(static_cast<GateSide>(call.Uint(1)))));
}

// attach(state, bytes): the words and bytes that results are left in.
napi_value Attach(napi_env env, napi_callback_info info) {
  const Call call(env, info);
  QueueEnv* mine = call.state();
  mine->state = reinterpret_cast<uint32_t*>(call.Bytes(0));
  mine->bytes = call.Bytes(1);
  napi_create_reference(env, call.value(0), 1, &mine->state_ref);
  napi_create_reference(env, call.value(1), 1, &mine->bytes_ref);
  return nullptr;
}

}  // namespace

void InitQueue(Napi::Env env, Napi::Object exports) {
  QueueEnv* mine = new QueueEnv;
  const auto add = [&](const char* name, napi_callback function) {
    napi_value value;
    napi_create_function(env, name, NAPI_AUTO_LENGTH, function, mine, &value);
    exports.Set(name, Napi::Value(env, value));
  };
  add("attach", Attach);
  add("create", Create);
  add("dispose", Dispose);
  add("putNumber", PutNumber);
  add("putString", PutString);
  add("putBytes", PutBytes);
  add("get", Get);
  add("takeBig", TakeBig);
  add("size", Size);
  add("maxsize", MaxSize);
  add("unfinished", Unfinished);
  add("taskDone", TaskDone);
  add("join", Join);
  add("shutDown", ShutDown);
  add("trim", Trim);
  add("gate", Gate);
  napi_add_env_cleanup_hook(env, [](void* data) { delete static_cast<QueueEnv*>(data); }, mine);
}

}  // namespace prong
