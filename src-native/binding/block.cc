// Bytes that go to another process as a descriptor.
#include "core/memory/block.h"

#include "binding/init.h"
#include "util/error.h"

namespace prong {

namespace {

// (bytes): a descriptor, or a negative errno: then the sender does without.
Napi::Value Pack(const Napi::CallbackInfo& info) {
  Napi::Uint8Array bytes = info[0].As<Napi::Uint8Array>();
  return Napi::Number::New(info.Env(), block::Pack(bytes.Data(), bytes.ByteLength()));
}

// (fd): the bytes, as an ArrayBuffer on the sender's pages. Unmapped when it is collected or detached.
Napi::Value Map(const Napi::CallbackInfo& info) {
  void* data = nullptr;
  size_t size = 0;
  const int error = block::Map(info[0].As<Napi::Number>().Int32Value(), &data, &size);
  if (error != 0) return ThrowErrno(info.Env(), -error, "mmap");
  napi_value buffer;
  const auto unmap = [](napi_env, void* memory, void* length) {
    block::Unmap(memory, reinterpret_cast<size_t>(length));
  };
  if (napi_create_external_arraybuffer(info.Env(), data, size, unmap, reinterpret_cast<void*>(size),
                                       &buffer) != napi_ok) {
    block::Unmap(data, size);
    return ThrowCode(info.Env(), "ENOTSUP", "ENOTSUP: this runtime allows no external buffers");
  }
  return Napi::Value(info.Env(), buffer);
}

// (buffer)
Napi::Value Detach(const Napi::CallbackInfo& info) {
  napi_detach_arraybuffer(info.Env(), info[0]);
  return info.Env().Undefined();
}

}  // namespace

void InitBlock(Napi::Env env, Napi::Object exports) {
  exports.Set("pack", Napi::Function::New(env, Pack));
  exports.Set("map", Napi::Function::New(env, Map));
  exports.Set("detach", Napi::Function::New(env, Detach));
}

}  // namespace prong
