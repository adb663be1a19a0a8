// Locks, events and their kin: numbers in, a Status out. Raw Node-API calls, for these are called often.
#include <cmath>
#include <limits>

#include "binding/init.h"
#include "binding/kicks.h"
#include "core/sync/object.h"
#include "util/error.h"

namespace prong {

namespace {

// The arguments of one call, all of them numbers.
class Args {
 public:
  Args(napi_env env, napi_callback_info info) : env_(env) { napi_get_cb_info(env, info, &count_, values_, nullptr, nullptr); }

  double Double(size_t index) const {
    double value = 0;
    napi_get_value_double(env_, values_[index], &value);
    return value;
  }
  uint64_t Offset(size_t index) const { return static_cast<uint64_t>(Double(index)); }
  uint32_t Uint(size_t index) const { return static_cast<uint32_t>(Double(index)); }

  // A time limit in ms from now, as a moment. Infinity: never.
  int64_t Deadline(size_t index) const {
    const double ms = Double(index);
    if (!(ms < 9e12)) return std::numeric_limits<int64_t>::max();
    return NowNs() + static_cast<int64_t>(ms * 1e6);
  }

 private:
  napi_env env_;
  size_t count_ = 6;
  napi_value values_[6];
};

napi_value Result(napi_env env, int32_t value) {
  napi_value result;
  napi_create_int32(env, value, &result);
  return result;
}

template <typename T>
napi_value Made(napi_env env, int err, uint64_t offset, T init) {
  if (err != 0) return ThrowErrno(env, -err, "ftruncate");
  init();
  napi_value result;
  napi_create_double(env, static_cast<double>(offset), &result);
  return result;
}

napi_value CreateLock(napi_env env, napi_callback_info info) {
  const Args args(env, info);
  uint64_t offset = 0;
  const int err = arena::Allocate(sizeof(LockCore), kLock, &offset);
  return Made(env, err, offset, [&] { arena::At<LockCore>(offset)->Init(args.Uint(0)); });
}

napi_value CreateEvent(napi_env env, napi_callback_info) {
  uint64_t offset = 0;
  const int err = arena::Allocate(sizeof(EventCore), kEvent, &offset);
  return Made(env, err, offset, [&] { arena::At<EventCore>(offset)->Init(); });
}

// wait(offset, ms, first): see WaitSlice.
napi_value Wait(napi_env env, napi_callback_info info) {
  const Args args(env, info);
  const int64_t deadline = args.Deadline(1);
  const bool first = args.Uint(2) != 0;
  return Result(env, Dispatch(args.Offset(0), [&](auto* object) { return object->WaitFor(deadline, first); }));
}

napi_value TryOnce(napi_env env, napi_callback_info info) {
  const Args args(env, info);
  return Result(env, Dispatch(args.Offset(0), [](auto* object) { return object->Try(self::Id(), 0); }));
}

// start(offset): a wait for a promise. The number of its record, or minus a Status where it is over already.
napi_value Start(napi_env env, napi_callback_info info) {
  const Args args(env, info);
  const uint32_t record = TakeRecord(kAsync);
  if (record == 0) return Result(env, -kNoMemory);
  RecordAt(record)->chain = args.Uint(1);
  const Status status = Dispatch(args.Offset(0), [&](auto* object) {
    Enter(object, record);
    return Look(object, record);
  });
  if (status == kAgain) return Result(env, static_cast<int32_t>(record));
  GiveRecord(record);
  return Result(env, -status);
}

napi_value LookAgain(napi_env env, napi_callback_info info) {
  const Args args(env, info);
  const uint32_t record = args.Uint(1);
  const Status status = Dispatch(args.Offset(0), [&](auto* object) { return Look(object, record); });
  if (status != kAgain) GiveRecord(record);
  return Result(env, status);
}

napi_value Cancel(napi_env env, napi_callback_info info) {
  const Args args(env, info);
  const uint32_t record = args.Uint(1);
  Dispatch(args.Offset(0), [&](auto* object) {
    GiveUp(object, record);
    return kDone;
  });
  GiveRecord(record);
  return Result(env, kDone);
}

napi_value LockRelease(napi_env env, napi_callback_info info) {
  const Args args(env, info);
  return Result(env, arena::At<LockCore>(args.Offset(0))->Release(args.Uint(1) != 0));
}

napi_value LockRecover(napi_env env, napi_callback_info info) {
  return Result(env, arena::At<LockCore>(Args(env, info).Offset(0))->Recover());
}

napi_value LockDestroy(napi_env env, napi_callback_info info) {
  arena::At<LockCore>(Args(env, info).Offset(0))->Destroy();
  return nullptr;
}

napi_value EventSetFlag(napi_env env, napi_callback_info info) {
  arena::At<EventCore>(Args(env, info).Offset(0))->Set();
  return nullptr;
}

napi_value EventClear(napi_env env, napi_callback_info info) {
  arena::At<EventCore>(Args(env, info).Offset(0))->Clear();
  return nullptr;
}

Napi::Value Listen(const Napi::CallbackInfo& info) {
  Kicks* kicks = Kicks::Start(info.Env(), info[0].As<Napi::Function>());
  if (kicks == nullptr) return ThrowCode(info.Env(), "ENOTSUP", "ENOTSUP: this environment has no event loop");
  return Napi::Function::New(info.Env(), [kicks](const Napi::CallbackInfo& call) {
    kicks->SetPending(call[0].As<Napi::Number>().Uint32Value(), call[1].As<Napi::Number>().Uint32Value());
  });
}

}  // namespace

void InitSync(Napi::Env env, Napi::Object exports) {
  const auto add = [&](const char* name, napi_callback function) {
    napi_value value;
    napi_create_function(env, name, NAPI_AUTO_LENGTH, function, nullptr, &value);
    exports.Set(name, Napi::Value(env, value));
  };
  add("createLock", CreateLock);
  add("createEvent", CreateEvent);
  add("wait", Wait);
  add("tryOnce", TryOnce);
  add("start", Start);
  add("look", LookAgain);
  add("cancel", Cancel);
  add("lockRelease", LockRelease);
  add("lockRecover", LockRecover);
  add("lockDestroy", LockDestroy);
  add("eventSet", EventSetFlag);
  add("eventClear", EventClear);
  exports.Set("listen", Napi::Function::New(env, Listen));
  // Runs on the thread whose environment ends, after the promises' waits have been closed.
  napi_add_env_cleanup_hook(env, [](void*) { self::Leave(); }, nullptr);
}

}  // namespace prong
