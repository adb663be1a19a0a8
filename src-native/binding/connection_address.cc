// Sockets that listen, accept and connect. Addresses: a path, or a host's number and a port.
#include <unistd.h>

#include "binding/connection_state.h"
#include "core/ipc/address.h"
#include "util/error.h"

namespace prong {

namespace {

// (path) or (host, port)
int AddressArgument(const Napi::CallbackInfo& info, ipc::Address* address, std::string* text) {
  *text = info[0].As<Napi::String>().Utf8Value();
  if (!info[1].IsNumber()) return ipc::LocalAddress(*text, address);
  const uint16_t port = static_cast<uint16_t>(info[1].As<Napi::Number>().Uint32Value());
  const int error = ipc::InternetAddress(*text, port, address);
  text->append(":").append(std::to_string(port));
  return error;
}

std::string Shown(std::string text) {
  if (!text.empty() && text[0] == '\0') text[0] = '@';
  return text;
}

Napi::Value Pair(const Napi::CallbackInfo& info) {
  int fds[2];
  if (const int error = ipc::Pair(fds); error != 0) return ThrowErrno(info.Env(), -error, "socketpair");
  Napi::Array ends = Napi::Array::New(info.Env(), 2);
  ends.Set(uint32_t{0}, Napi::Number::New(info.Env(), fds[0]));
  ends.Set(uint32_t{1}, Napi::Number::New(info.Env(), fds[1]));
  return ends;
}

// (path | host, port | undefined, backlog)
Napi::Value Listen(const Napi::CallbackInfo& info) {
  ipc::Address address;
  std::string text;
  int result = AddressArgument(info, &address, &text);
  if (result == 0) result = ipc::Listen(address, info[2].As<Napi::Number>().Int32Value());
  if (result < 0) return ThrowErrno(info.Env(), -result, "listen", Shown(text));
  return Napi::Number::New(info.Env(), result);
}

// (fd, block): a descriptor, or -errno.
Napi::Value Accept(const Napi::CallbackInfo& info) {
  return Napi::Number::New(
      info.Env(), ipc::Accept(info[0].As<Napi::Number>().Int32Value(), info[1].As<Napi::Boolean>().Value()));
}

// (path | host, port | undefined): [fd, pending], or undefined where the listener's queue is full.
Napi::Value Connect(const Napi::CallbackInfo& info) {
  ipc::Address address;
  std::string text;
  bool pending = false;
  int result = AddressArgument(info, &address, &text);
  if (result == 0) result = ipc::Connect(address, &pending);
  if (result == -EAGAIN) return info.Env().Undefined();
  if (result < 0) return ThrowErrno(info.Env(), -result, "connect", Shown(text));
  Napi::Array both = Napi::Array::New(info.Env(), 2);
  both.Set(uint32_t{0}, Napi::Number::New(info.Env(), result));
  both.Set(uint32_t{1}, Napi::Boolean::New(info.Env(), pending));
  return both;
}

// (fd, text): throws as the connect failed, and has closed it then.
Napi::Value FinishConnect(const Napi::CallbackInfo& info) {
  const int fd = info[0].As<Napi::Number>().Int32Value();
  const int error = ipc::FinishConnect(fd);
  if (error == 0) return info.Env().Undefined();
  close(fd);
  return ThrowErrno(info.Env(), -error, "connect", Shown(info[1].As<Napi::String>().Utf8Value()));
}

// (fd, peer): a path, or [host, port].
Napi::Value NameOf(const Napi::CallbackInfo& info) {
  ipc::Address address;
  const bool peer = info[1].As<Napi::Boolean>().Value();
  const int error = ipc::NameOf(info[0].As<Napi::Number>().Int32Value(), peer, &address);
  if (error != 0) return ThrowErrno(info.Env(), -error, peer ? "getpeername" : "getsockname");
  int port;
  const std::string text = ipc::Describe(address, &port);
  if (port < 0) return Napi::String::New(info.Env(), text);
  Napi::Array both = Napi::Array::New(info.Env(), 2);
  both.Set(uint32_t{0}, Napi::String::New(info.Env(), text));
  both.Set(uint32_t{1}, Napi::Number::New(info.Env(), port));
  return both;
}

}  // namespace

void InitConnectionAddress(Napi::Env env, Napi::Object exports) {
  exports.Set("pair", Napi::Function::New(env, Pair));
  exports.Set("listen", Napi::Function::New(env, Listen));
  exports.Set("accept", Napi::Function::New(env, Accept));
  exports.Set("connect", Napi::Function::New(env, Connect));
  exports.Set("finishConnect", Napi::Function::New(env, FinishConnect));
  exports.Set("nameOf", Napi::Function::New(env, NameOf));
}

}  // namespace prong
