// The shared arena as JavaScript sees it: offsets in, buffers over its chunks out.
#include "core/memory/arena.h"

#include <cstdlib>

#include "binding/init.h"
#include "core/sync/thread_slot.h"
#include "util/error.h"

namespace prong {

namespace {

// A window on `size` bytes at `offset`; nothing is freed with it.
Napi::Value Window(Napi::Env env, void* data, size_t size) {
  napi_value buffer;
  if (napi_create_external_arraybuffer(env, data, size, nullptr, nullptr, &buffer) != napi_ok) {
    return ThrowCode(env, "ENOTSUP", "ENOTSUP: this runtime allows no external buffers");
  }
  return Napi::Value(env, buffer);
}

Napi::Value Open(const Napi::CallbackInfo& info) {
  const int fd = info[0].IsNumber() ? info[0].As<Napi::Number>().Int32Value() : -1;
  const int err = arena::Open(fd);
  if (err != 0) return ThrowErrno(info.Env(), -err, fd < 0 ? "memfd_create" : "mmap");
  if (self::Id() == 0) return ThrowCode(info.Env(), "EAGAIN", "EAGAIN: 4,094 threads use this arena already");
  return info.Env().Undefined();
}

Napi::Value Chunk(const Napi::CallbackInfo& info) {
  const double index = info[0].As<Napi::Number>().DoubleValue();
  const uint64_t at = static_cast<uint64_t>(index) * arena::kChunk;
  if (at + arena::kChunk > arena::FileSize())
    return ThrowCode(info.Env(), "ERR_OUT_OF_RANGE", "no such chunk");
  return Window(info.Env(), arena::Base() + at, arena::kChunk);
}

Napi::Value View(const Napi::CallbackInfo& info) {
  const uint64_t offset = static_cast<uint64_t>(info[0].As<Napi::Number>().Int64Value());
  const uint64_t size = static_cast<uint64_t>(info[1].As<Napi::Number>().Int64Value());
  if (offset + size > arena::FileSize()) return ThrowCode(info.Env(), "ERR_OUT_OF_RANGE", "no such block");
  return Window(info.Env(), arena::Base() + offset, size);
}

Napi::Value Allocate(const Napi::CallbackInfo& info) {
  const uint64_t size = static_cast<uint64_t>(info[0].As<Napi::Number>().Int64Value());
  const uint32_t kind = info[1].As<Napi::Number>().Uint32Value();
  uint64_t offset;
  const int err = arena::Allocate(size, kind, &offset);
  if (err != 0) return ThrowErrno(info.Env(), -err, "ftruncate");
  return Napi::Number::New(info.Env(), static_cast<double>(offset));
}

Napi::Value Free(const Napi::CallbackInfo& info) {
  arena::Free(static_cast<uint64_t>(info[0].As<Napi::Number>().Int64Value()));
  return info.Env().Undefined();
}

Napi::Value Serial(const Napi::CallbackInfo& info) {
  const uint64_t offset = static_cast<uint64_t>(info[0].As<Napi::Number>().Int64Value());
  return Napi::Number::New(info.Env(), arena::HeaderOf(offset)->serial);
}

Napi::Value IsBlock(const Napi::CallbackInfo& info) {
  const int64_t offset = info[0].As<Napi::Number>().Int64Value();
  const uint32_t kind = info[1].As<Napi::Number>().Uint32Value();
  const uint32_t serial = info[2].As<Napi::Number>().Uint32Value();
  return Napi::Boolean::New(info.Env(),
                            offset > 0 && arena::IsBlock(static_cast<uint64_t>(offset), kind, serial));
}

Napi::Value Stats(const Napi::CallbackInfo& info) {
  Napi::Object stats = Napi::Object::New(info.Env());
  stats.Set("fileSize", Napi::Number::New(info.Env(), static_cast<double>(arena::FileSize())));
  stats.Set("inUse", Napi::Number::New(info.Env(), static_cast<double>(arena::InUse())));
  return stats;
}

}  // namespace

void InitArena(Napi::Env env, Napi::Object exports) {
  exports.Set("open", Napi::Function::New(env, Open));
  exports.Set("chunk", Napi::Function::New(env, Chunk));
  exports.Set("view", Napi::Function::New(env, View));
  exports.Set("allocate", Napi::Function::New(env, Allocate));
  exports.Set("free", Napi::Function::New(env, Free));
  exports.Set("serial", Napi::Function::New(env, Serial));
  exports.Set("isBlock", Napi::Function::New(env, IsBlock));
  exports.Set("stats", Napi::Function::New(env, Stats));
  exports.Set("forksAt", Napi::Function::New(env, [](const Napi::CallbackInfo& info) -> Napi::Value {
                const char* forks = reinterpret_cast<char*>(&arena::GetMarks()->forks);
                return Napi::Number::New(info.Env(), static_cast<double>(forks - arena::Base()));
              }));
  exports.Set("recordsAt", Napi::Function::New(env, [](const Napi::CallbackInfo& info) -> Napi::Value {
                const char* records = reinterpret_cast<char*>(arena::Records());
                return Napi::Number::New(info.Env(), static_cast<double>(records - arena::Base()));
              }));
  exports.Set("fd", Napi::Function::New(env, [](const Napi::CallbackInfo& info) -> Napi::Value {
                return Napi::Number::New(info.Env(), arena::Fd());
              }));
  // The word that holds this thread's identity; a fork changes it under JavaScript's eyes.
  exports.Set("identity", Napi::Function::New(env, [](const Napi::CallbackInfo& info) -> Napi::Value {
                return Window(info.Env(), self::IdWord(), sizeof(uint32_t));
              }));
}

}  // namespace prong
