// One end of a connection as JavaScript sees it. What happens often answers with a number rather than throw.
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstdlib>
#include <memory>

#include "binding/connection_state.h"
#include "binding/init.h"
#include "util/error.h"

namespace prong {

namespace {

using ipc::Channel;

Channel& ChannelArgument(const Napi::CallbackInfo& info) {
  return *info[0].As<Napi::External<Channel>>().Data();
}

Napi::Value Number(const Napi::CallbackInfo& info, int64_t value) {
  return Napi::Number::New(info.Env(), static_cast<double>(value));
}

Napi::Value SetScratch(const Napi::CallbackInfo& info) {
  ConnectionState& state = ConnectionStateOf(info);
  Napi::Uint8Array memory = info[0].As<Napi::Uint8Array>();
  state.scratch = Napi::Reference<Napi::Uint8Array>::New(memory, 1);
  state.scratch_data = reinterpret_cast<char*>(memory.Data());
  return info.Env().Undefined();
}

// (fd): owns it from now on.
Napi::Value Open(const Napi::CallbackInfo& info) {
  auto* channel = new Channel(info[0].As<Napi::Number>().Int32Value());
  return Napi::External<Channel>::New(info.Env(), channel,
                                      [](Napi::Env, Channel* collected) { delete collected; });
}

Napi::Value Close(const Napi::CallbackInfo& info) {
  ChannelArgument(info).Close();
  return info.Env().Undefined();
}

Napi::Value Detach(const Napi::CallbackInfo& info) { return Number(info, ChannelArgument(info).Detach()); }

Napi::Value IsLocal(const Napi::CallbackInfo& info) {
  return Napi::Boolean::New(info.Env(), ChannelArgument(info).is_local());
}

// (channel, read, write): ends one or both directions.
Napi::Value Shutdown(const Napi::CallbackInfo& info) {
  const bool reading = info[1].As<Napi::Boolean>().Value();
  shutdown(ChannelArgument(info).fd(), reading ? SHUT_RD : SHUT_WR);
  return info.Env().Undefined();
}

// (channel, limit, block)
Napi::Value Receive(const Napi::CallbackInfo& info) {
  const double limit = info[1].As<Napi::Number>().DoubleValue();
  return Number(info, ChannelArgument(info).Receive(ConnectionStateOf(info).scratch_data,
                                                    static_cast<uint64_t>(std::min(limit, 9e15)),
                                                    info[2].As<Napi::Boolean>().Value()));
}

// (channel): a message that was too long for the scratch memory, not copied.
Napi::Value Take(const Napi::CallbackInfo& info) {
  size_t size;
  char* data = ChannelArgument(info).Take(&size);
  napi_value buffer;
  const napi_status status = napi_create_external_buffer(
      info.Env(), size, data, [](napi_env, void* memory, void*) { std::free(memory); }, nullptr, &buffer);
  if (status == napi_ok) return Napi::Value(info.Env(), buffer);
  std::free(data);
  return ThrowCode(info.Env(), "ENOMEM", "ENOMEM: no memory for a message");
}

Napi::Value Size(const Napi::CallbackInfo& info) {
  return Number(info, static_cast<int64_t>(ChannelArgument(info).size()));
}

Napi::Value InMessage(const Napi::CallbackInfo& info) {
  return Napi::Boolean::New(info.Env(), ChannelArgument(info).in_message());
}

Napi::Value ForgetPartial(const Napi::CallbackInfo& info) {
  ChannelArgument(info).ForgetPartial();
  return info.Env().Undefined();
}

Napi::Value TakeFds(const Napi::CallbackInfo& info) {
  Napi::Array list = Napi::Array::New(info.Env());
  uint32_t count = 0;
  for (const int fd : ChannelArgument(info).TakeFds()) list.Set(count++, Napi::Number::New(info.Env(), fd));
  return list;
}

// (channel, bytes, position, fds | undefined, block)
Napi::Value Send(const Napi::CallbackInfo& info) {
  void* data = nullptr;
  size_t size = 0;
  napi_get_typedarray_info(info.Env(), info[1], nullptr, &size, &data, nullptr, nullptr);
  int fds[ipc::kMaxFds];
  int count = 0;
  if (info[3].IsArray()) {
    Napi::Array list = info[3].As<Napi::Array>();
    count = static_cast<int>(std::min<uint32_t>(list.Length(), ipc::kMaxFds));
    for (int i = 0; i < count; ++i)
      fds[i] = list.Get(static_cast<uint32_t>(i)).As<Napi::Number>().Int32Value();
  }
  const int64_t position = info[2].As<Napi::Number>().Int64Value();
  return Number(
      info, ChannelArgument(info).Send(static_cast<char*>(data), size, static_cast<uint64_t>(position), fds,
                                       count, info[4].As<Napi::Boolean>().Value()));
}

// (fds, write, ms): the places in the list of those that are ready.
Napi::Value WaitFor(const Napi::CallbackInfo& info) {
  Napi::Array list = info[0].As<Napi::Array>();
  const int count = static_cast<int>(list.Length());
  std::vector<int> fds(static_cast<size_t>(count));
  for (int i = 0; i < count; ++i)
    fds[static_cast<size_t>(i)] = list.Get(static_cast<uint32_t>(i)).As<Napi::Number>().Int32Value();
  const auto ready = std::make_unique<bool[]>(static_cast<size_t>(count));
  const int found = ipc::WaitFor(fds.data(), count, info[1].As<Napi::Boolean>().Value() ? POLLOUT : POLLIN,
                                 info[2].As<Napi::Number>().Int32Value(), ready.get());
  if (found < 0) return ThrowErrno(info.Env(), -found, "poll");
  Napi::Array places = Napi::Array::New(info.Env());
  if (found == 0) return places;
  uint32_t length = 0;
  for (int i = 0; i < count; ++i)
    if (ready[static_cast<size_t>(i)]) places.Set(length++, Napi::Number::New(info.Env(), i));
  return places;
}

// (code, syscall): the error behind a number below kErrors.
Napi::Value ErrorOf(const Napi::CallbackInfo& info) {
  return SystemError(info.Env(), info[0].As<Napi::Number>().Int32Value(),
                     info[1].As<Napi::String>().Utf8Value().c_str())
      .Value();
}

}  // namespace

void InitConnection(Napi::Env env, Napi::Object exports) {
  auto* state = new ConnectionState(env);
  // Asynchronous: the handle on the loop is closed before the environment goes.
  napi_add_async_cleanup_hook(
      env,
      [](napi_async_cleanup_hook_handle handle, void* data) {
        auto* ending = static_cast<ConnectionState*>(data);
        ending->callback.Reset();
        ending->scratch.Reset();
        ending->context.reset();
        struct Last {
          napi_async_cleanup_hook_handle handle;
          ConnectionState* state;
        };
        ending->reactor.Close(
            [](void* data) {
              auto* last = static_cast<Last*>(data);
              napi_remove_async_cleanup_hook(last->handle);
              delete last->state;
              delete last;
            },
            new Last{handle, ending});
      },
      state, nullptr);
  const auto define = [&](const char* name, Napi::Value (*call)(const Napi::CallbackInfo&)) {
    exports.Set(name, Napi::Function::New(env, call, name, state));
  };
  define("setScratch", SetScratch);
  define("open", Open);
  define("close", Close);
  define("detach", Detach);
  define("isLocal", IsLocal);
  define("shutdown", Shutdown);
  define("receive", Receive);
  define("take", Take);
  define("size", Size);
  define("inMessage", InMessage);
  define("forgetPartial", ForgetPartial);
  define("takeFds", TakeFds);
  define("send", Send);
  define("waitFor", WaitFor);
  define("errorOf", ErrorOf);
  InitConnectionLoop(env, exports, state);
  InitConnectionAddress(env, exports);
}

}  // namespace prong
