#include <stdlib.h>
#include <sys/epoll.h>

#include "binding/spawn_state.h"
#include "util/error.h"

namespace prong {

namespace {

using spawn::Deadline;
using spawn::Exchange;
using Outcome = spawn::Exchange::Outcome;

// Below this, copying into a Buffer of V8's own is cheaper than handing memory over.
constexpr size_t kCopyBelow = 64 * 1024;

}  // namespace

struct AsyncExchange {
  AsyncExchange(SpawnState* owner, int in, int out, int err, size_t limit)
      : state(owner), id(owner->reactor.NewId()), exchange(in, out, err, limit) {}
  ~AsyncExchange() { Pause(); }
  AsyncExchange(const AsyncExchange&) = delete;
  AsyncExchange& operator=(const AsyncExchange&) = delete;

  int Start();
  void Pause();
  void OnReady(int which);

  SpawnState* state;
  uint32_t id;
  Exchange exchange;
  Napi::Reference<Napi::Value> input;
  const void* input_memory = nullptr;
  size_t input_size = 0;
  uint32_t channels[3] = {0, 0, 0};
  Outcome told = Outcome::kTimeout;  // what JavaScript knows; never kTimeout, which is nothing yet

 private:
  void Drop(int which);
  bool InputLost() const;
};

namespace {

class Channel : public spawn::Source {
 public:
  Channel(AsyncExchange* exchange, int which) : exchange_(exchange), which_(which) {}
  int fd() const override { return exchange_->exchange.fd(which_); }
  void OnReady(uint32_t) override { exchange_->OnReady(which_); }  // may destroy this

 private:
  AsyncExchange* exchange_;
  int which_;
};

// What JavaScript should know of now; nothing while it is under way.
bool News(const Exchange& exchange, Outcome* news) {
  if (exchange.no_memory()) {
    *news = Outcome::kNoMemory;
  } else if (exchange.overflown()) {
    *news = Outcome::kOverflow;
  } else if (exchange.hungry()) {
    *news = exchange.outputs_done() ? Outcome::kInputOnly : Outcome::kHungry;
  } else if (exchange.done()) {
    *news = Outcome::kDone;
  } else {
    return false;
  }
  return true;
}

}  // namespace

int AsyncExchange::Start() {
  told = Outcome::kTimeout;
  for (int i = 0; i < 3; ++i) {
    if (exchange.fd(i) < 0 || (i == 0 && exchange.hungry())) continue;
    if (channels[i] == 0) channels[i] = state->reactor.Add(std::make_unique<Channel>(this, i));
    spawn::Source* source = state->reactor.Find(channels[i]);
    if (const int error = state->reactor.Arm(source, i == 0 ? EPOLLOUT : EPOLLIN); error != 0) return error;
    state->reactor.Hold(source, true);
  }
  return 0;
}

void AsyncExchange::Drop(int which) {
  if (channels[which] != 0) state->reactor.Remove(channels[which]);
  channels[which] = 0;
}

void AsyncExchange::Pause() {
  for (int i = 0; i < 3; ++i) Drop(i);
}

// The array may have been transferred or shrunk since the last turn, and its memory with it.
bool AsyncExchange::InputLost() const {
  if (input.IsEmpty()) return false;
  const Napi::HandleScope scope(state->env);
  napi_typedarray_type type;
  size_t size = 0;
  void* memory = nullptr;
  const napi_status status =
      napi_get_typedarray_info(state->env, input.Value(), &type, &size, &memory, nullptr, nullptr);
  return status != napi_ok || memory != input_memory || size < input_size;
}

void AsyncExchange::OnReady(int which) {
  if (which == 0 && InputLost()) {
    Drop(0);
    exchange.Feed(nullptr, 0, true);
    exchange.Close(0);
    return state->Report(id, static_cast<int>(Outcome::kInputLost));
  }
  if (exchange.Advance(which)) {
    // First out of the set, then closed: a copy in a forked process would keep a closed one in it.
    Drop(which);
    exchange.Close(which);
  } else if (which == 0 && exchange.hungry()) {
    Drop(0);
  }
  Outcome news;
  if (!News(exchange, &news) || news == told) return;
  told = news;
  state->Report(id, static_cast<int>(news));
}

namespace {

AsyncExchange* Find(const Napi::CallbackInfo& info) {
  SpawnState& state = StateOf(info);
  const auto found = state.exchanges.find(info[0].As<Napi::Number>().Uint32Value());
  return found == state.exchanges.end() ? nullptr : found->second.get();
}

// (stdin, stdout, stderr, limit): takes the descriptors over.
Napi::Value Open(const Napi::CallbackInfo& info) {
  SpawnState& state = StateOf(info);
  const auto fd = [&](int i) { return info[i].As<Napi::Number>().Int32Value(); };
  const auto limit = static_cast<size_t>(info[3].As<Napi::Number>().Int64Value());
  auto exchange = std::make_shared<AsyncExchange>(&state, fd(0), fd(1), fd(2), limit);
  const uint32_t id = exchange->id;
  state.exchanges.emplace(id, std::move(exchange));
  return Napi::Number::New(info.Env(), id);
}

// (id, bytes or undefined, last)
Napi::Value Feed(const Napi::CallbackInfo& info) {
  AsyncExchange* exchange = Find(info);
  if (exchange == nullptr) return info.Env().Undefined();
  const bool last = info[2].As<Napi::Boolean>().Value();
  if (info[1].IsTypedArray()) {
    const auto bytes = info[1].As<Napi::Uint8Array>();
    exchange->input = Napi::Reference<Napi::Value>::New(bytes, 1);
    exchange->input_memory = bytes.Data();
    exchange->input_size = bytes.ByteLength();
    exchange->exchange.Feed(reinterpret_cast<const char*>(bytes.Data()), bytes.ByteLength(), last);
  } else {
    exchange->exchange.Feed(nullptr, 0, last);
  }
  return info.Env().Undefined();
}

// (id): goes on by itself from here. What there is to tell at once, or null.
Napi::Value Start(const Napi::CallbackInfo& info) {
  AsyncExchange* exchange = Find(info);
  if (exchange == nullptr) return info.Env().Undefined();
  if (const int error = exchange->Start(); error != 0) return ThrowErrno(info.Env(), -error, "epoll_ctl");
  Outcome news;
  if (!News(exchange->exchange, &news)) return info.Env().Null();
  exchange->told = news;
  return Napi::Number::New(info.Env(), static_cast<int>(news));
}

Napi::Value Pause(const Napi::CallbackInfo& info) {
  if (AsyncExchange* exchange = Find(info)) exchange->Pause();
  return info.Env().Undefined();
}

// (id, timeout): blocks.
Napi::Value RunSync(const Napi::CallbackInfo& info) {
  AsyncExchange* exchange = Find(info);
  if (exchange == nullptr) return info.Env().Undefined();
  exchange->Pause();
  const Deadline deadline(info[1].As<Napi::Number>().DoubleValue());
  return Napi::Number::New(info.Env(), static_cast<int>(exchange->exchange.RunSync(deadline)));
}

Napi::Value Pair(Napi::Env env, const Napi::Value& out, const Napi::Value& err) {
  Napi::Array pair = Napi::Array::New(env, 2);
  pair.Set(0U, out);
  pair.Set(1U, err);
  return pair;
}

// A copy of what has come so far.
Napi::Value Peek(const Napi::CallbackInfo& info) {
  AsyncExchange* exchange = Find(info);
  if (exchange == nullptr) return info.Env().Undefined();
  const auto copy = [&](int which) {
    const spawn::Bytes& bytes = exchange->exchange.output(which);
    return Napi::Buffer<char>::Copy(info.Env(), bytes.data(), bytes.size());
  };
  return Pair(info.Env(), copy(1), copy(2));
}

// What has come, for good: the exchange is gone, and pipes that were open are closed.
Napi::Value Take(const Napi::CallbackInfo& info) {
  AsyncExchange* exchange = Find(info);
  if (exchange == nullptr) return info.Env().Undefined();
  const Napi::Value out = TakeBuffer(info.Env(), exchange->exchange.output(1));
  const Napi::Value err = TakeBuffer(info.Env(), exchange->exchange.output(2));
  StateOf(info).exchanges.erase(exchange->id);
  return Pair(info.Env(), out, err);
}

}  // namespace

Napi::Value TakeBuffer(Napi::Env env, spawn::Bytes& bytes) {
  if (bytes.size() < kCopyBelow) return Napi::Buffer<char>::Copy(env, bytes.data(), bytes.size());
  size_t size = 0;
  char* data = bytes.Release(&size);
  return Napi::Buffer<char>::NewOrCopy(env, data, size, [](Napi::BasicEnv, char* memory) { free(memory); });
}

void AddExchangeFds(const SpawnState& state, uint32_t id, std::vector<int>* fds) {
  const auto found = state.exchanges.find(id);
  if (found == state.exchanges.end()) return;
  for (int i = 0; i < 3; ++i) fds->push_back(found->second->exchange.fd(i));
}

void InitSpawnExchange(Napi::Env env, Napi::Object exports, SpawnState* state) {
  Define(env, exports, "exchangeOpen", Open, state);
  Define(env, exports, "exchangeFeed", Feed, state);
  Define(env, exports, "exchangeStart", Start, state);
  Define(env, exports, "exchangePause", Pause, state);
  Define(env, exports, "exchangeRunSync", RunSync, state);
  Define(env, exports, "exchangePeek", Peek, state);
  Define(env, exports, "exchangeTake", Take, state);
}

}  // namespace prong
