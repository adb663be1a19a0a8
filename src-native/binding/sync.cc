// Locks, events and their kin: numbers in, a Status out. Raw Node-API calls, for these are called often.
#include <cstring>
#include <limits>

#include "binding/init.h"
#include "binding/kicks.h"
#include "core/sync/deadlock.h"
#include "core/sync/object.h"
#include "util/error.h"

namespace prong {

namespace {

// The arguments of one call, all of them numbers.
class Args {
 public:
  Args(napi_env env, napi_callback_info info) : env_(env) {
    napi_get_cb_info(env, info, &count_, values_, nullptr, nullptr);
  }

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

template <typename T, typename... Numbers>
napi_value Make(napi_env env, Kind kind, Numbers... numbers) {
  uint64_t offset = 0;
  if (const int err = arena::Allocate(sizeof(T), kind, &offset); err != 0)
    return ThrowErrno(env, -err, "ftruncate");
  arena::At<T>(offset)->Init(numbers...);
  napi_value result;
  napi_create_double(env, static_cast<double>(offset), &result);
  return result;
}

// create(kind, first, second): the offset of a new object.
napi_value Create(napi_env env, napi_callback_info info) {
  const Args args(env, info);
  switch (args.Uint(0)) {
    case kLock:
      return Make<LockCore>(env, kLock, args.Uint(1));
    case kSemaphore:
      return Make<SemaphoreCore>(env, kSemaphore, args.Uint(1), args.Uint(2));
    case kEvent:
      return Make<EventCore>(env, kEvent);
    case kCondition:
      return Make<ConditionCore>(env, kCondition);
    case kBarrier:
      return Make<BarrierCore>(env, kBarrier, args.Uint(1), args.Uint(2) != 0);
    default:
      return nullptr;
  }
}

// wait(offset, ms, first, flags): see WaitSlice.
napi_value Wait(napi_env env, napi_callback_info info) {
  const Args args(env, info);
  const int64_t deadline = args.Deadline(1);
  const bool first = args.Uint(2) != 0;
  return Result(env, Dispatch(args.Offset(0), [&](auto* object) {
                  if constexpr (std::is_same_v<std::remove_pointer_t<decltype(object)>, BarrierCore>) {
                    if (first) RecordAt(SyncRecord())->flags = args.Uint(3) & kCanAct;
                  }
                  return object->WaitFor(deadline, first);
                }));
}

napi_value TryOnce(napi_env env, napi_callback_info info) {
  const Args args(env, info);
  return Result(env, Dispatch(args.Offset(0), [](auto* object) {
                  using T = std::remove_pointer_t<decltype(object)>;
                  // These are never had without waiting.
                  if constexpr (std::is_same_v<T, ConditionCore> || std::is_same_v<T, BarrierCore>) {
                    return kAgain;
                  } else {
                    return object->Try(self::Id(), 0);
                  }
                }));
}

// start(offset, flags, chain): a wait for a promise. The number of its record, or minus a Status where it is
// over already.
napi_value Start(napi_env env, napi_callback_info info) {
  const Args args(env, info);
  KickFd();
  const uint32_t record = TakeRecord(kAsync | (args.Uint(1) & kCanAct));
  if (record != 0) RecordAt(record)->chain = args.Uint(2);
  if (record == 0) return Result(env, -kNoMemory);
  const Status status = Dispatch(args.Offset(0), [&](auto* object) {
    Enter(object, record);
    return Look(object, record);
  });
  if (status == kAgain) return Result(env, static_cast<int32_t>(record));
  if ((status & 0xff) != kAct) GiveRecord(record);
  return Result(env, -status);
}

// enter(offset): the calling thread's place in a condition's queue; wait(offset, ms, 0) follows.
napi_value EnterQueue(napi_env env, napi_callback_info info) {
  const Args args(env, info);
  const uint32_t record = SyncRecord();
  if (record == 0) return Result(env, kNoMemory);
  return Result(env, Dispatch(args.Offset(0), [&](auto* object) { return Enter(object, record); }));
}

napi_value LookAgain(napi_env env, napi_callback_info info) {
  const Args args(env, info);
  const uint32_t record = args.Uint(1);
  const Status status = Dispatch(args.Offset(0), [&](auto* object) { return Look(object, record); });
  if (status != kAgain && (status & 0xff) != kAct) GiveRecord(record);
  return Result(env, status);
}

// cancel(offset, record): gives up; kDone where it was granted in the last moment.
napi_value Cancel(napi_env env, napi_callback_info info) {
  const Args args(env, info);
  const uint32_t record = args.Uint(1);
  const Status status = Dispatch(args.Offset(0), [&](auto* object) { return GiveUp(object, record); });
  GiveRecord(record);
  return Result(env, status);
}

napi_value LockRelease(napi_env env, napi_callback_info info) {
  const Args args(env, info);
  return Result(env, arena::At<LockCore>(args.Offset(0))->Release(args.Uint(1) != 0));
}

napi_value LockRecover(napi_env env, napi_callback_info info) {
  return Result(env, arena::At<LockCore>(Args(env, info).Offset(0))->Recover());
}

// destroy(offset): every wait for it ends, every later call answers kDestroyed. The memory stays.
napi_value Destroy(napi_env env, napi_callback_info info) {
  return Result(env, Dispatch(Args(env, info).Offset(0), [](auto* object) {
                  object->Destroy();
                  return kDone;
                }));
}

napi_value EventSetFlag(napi_env env, napi_callback_info info) {
  return Result(env, arena::At<EventCore>(Args(env, info).Offset(0))->Set());
}

napi_value EventClear(napi_env env, napi_callback_info info) {
  return Result(env, arena::At<EventCore>(Args(env, info).Offset(0))->Clear());
}

napi_value SemaphoreRelease(napi_env env, napi_callback_info info) {
  const Args args(env, info);
  return Result(env, arena::At<SemaphoreCore>(args.Offset(0))->Release(args.Uint(1)));
}

napi_value ConditionNotify(napi_env env, napi_callback_info info) {
  const Args args(env, info);
  return Result(env,
                static_cast<int32_t>(arena::At<ConditionCore>(args.Offset(0))->Notify(args.Uint(1), true)));
}

napi_value WakeNotified(napi_env, napi_callback_info) {
  WakeLater();
  return nullptr;
}

// barrierActed(offset, record, well)
napi_value BarrierActed(napi_env env, napi_callback_info info) {
  const Args args(env, info);
  const Status status = arena::At<BarrierCore>(args.Offset(0))->Acted(args.Uint(1), args.Uint(2) != 0);
  GiveRecord(args.Uint(1));
  return Result(env, status);
}

// barrierBreak(offset, reset)
napi_value BarrierBreak(napi_env env, napi_callback_info info) {
  const Args args(env, info);
  arena::At<BarrierCore>(args.Offset(0))->Break(args.Uint(1) != 0);
  return nullptr;
}

napi_value BarrierWaiting(napi_env env, napi_callback_info info) {
  return Result(env, static_cast<int32_t>(arena::At<BarrierCore>(Args(env, info).Offset(0))->Waiting()));
}

napi_value BarrierBroken(napi_env env, napi_callback_info info) {
  return Result(env, arena::At<BarrierCore>(Args(env, info).Offset(0))->Broken() ? 1 : 0);
}

// Cuts at the end of the field; the byte after the text stays 0.
template <size_t N>
void Write(char (&field)[N], const std::string& text) {
  const size_t length = text.size() < N - 1 ? text.size() : N - 1;
  std::memcpy(field, text.data(), length);
  field[length] = 0;
}

// trace(offset, chain, name, holder): what messages say about a lock that has just been taken.
Napi::Value Trace(const Napi::CallbackInfo& info) {
  LockTrace* trace = TraceOf(static_cast<uint64_t>(info[0].As<Napi::Number>().Int64Value()), true);
  if (trace == nullptr) return info.Env().Undefined();
  trace->chain = info[1].As<Napi::Number>().Uint32Value();
  Write(trace->name, info[2].As<Napi::String>().Utf8Value());
  Write(trace->holder, info[3].As<Napi::String>().Utf8Value());
  return info.Env().Undefined();
}

// blockedOn(offset): this thread is about to block for a traced lock; 0: no longer.
napi_value BlockedOn(napi_env env, napi_callback_info info) {
  self::Slot()->waiting_on = Args(env, info).Offset(0);
  return nullptr;
}

// cycle(offset, chain): [name, holder's text, holder's identity] for each step, or nothing.
Napi::Value Cycle(const Napi::CallbackInfo& info) {
  CycleStep steps[32];
  const size_t count = FindCycle(static_cast<uint64_t>(info[0].As<Napi::Number>().Int64Value()),
                                 info[1].As<Napi::Number>().Uint32Value(), steps, 32);
  if (count == 0) return info.Env().Undefined();
  Napi::Array result = Napi::Array::New(info.Env());
  for (uint32_t n = 0; n < count; ++n) {
    const LockTrace* trace = TraceOf(steps[n].lock, false);
    Napi::Array step = Napi::Array::New(info.Env());
    step.Set(0u, Napi::String::New(info.Env(), trace == nullptr ? "" : trace->name));
    step.Set(1u, Napi::String::New(info.Env(), trace == nullptr ? "" : trace->holder));
    step.Set(2u, Napi::Number::New(info.Env(), steps[n].holder));
    result.Set(n, step);
  }
  return result;
}

Napi::Value Listen(const Napi::CallbackInfo& info) {
  Kicks* kicks = Kicks::Start(info.Env(), info[0].As<Napi::Function>());
  if (kicks == nullptr)
    return ThrowCode(info.Env(), "ENOTSUP", "ENOTSUP: this environment has no event loop");
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
  add("create", Create);
  add("wait", Wait);
  add("tryOnce", TryOnce);
  add("enter", EnterQueue);
  add("start", Start);
  add("look", LookAgain);
  add("cancel", Cancel);
  add("destroy", Destroy);
  add("lockRelease", LockRelease);
  add("lockRecover", LockRecover);
  add("eventSet", EventSetFlag);
  add("eventClear", EventClear);
  add("semaphoreRelease", SemaphoreRelease);
  add("conditionNotify", ConditionNotify);
  add("wakeNotified", WakeNotified);
  add("barrierActed", BarrierActed);
  add("barrierBreak", BarrierBreak);
  add("barrierWaiting", BarrierWaiting);
  add("barrierBroken", BarrierBroken);
  add("blockedOn", BlockedOn);
  exports.Set("trace", Napi::Function::New(env, Trace));
  exports.Set("cycle", Napi::Function::New(env, Cycle));
  exports.Set("listen", Napi::Function::New(env, Listen));
  // Runs on the thread whose environment ends, after the promises' waits have been closed.
  napi_add_env_cleanup_hook(env, [](void*) { self::Leave(); }, nullptr);
}

}  // namespace prong
