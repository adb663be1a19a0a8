// prong/posix: priorities, limits, processors and the file mode mask. src/posix checks the arguments.
#include "core/process/resources.h"

#include <sys/stat.h>

#include "binding/init.h"
#include "util/error.h"

namespace prong {

namespace {

int Int(const Napi::CallbackInfo& info, size_t i) { return info[i].As<Napi::Number>().Int32Value(); }
id_t Id(const Napi::CallbackInfo& info, size_t i) { return info[i].As<Napi::Number>().Uint32Value(); }
double Double(const Napi::CallbackInfo& info, size_t i) { return info[i].As<Napi::Number>().DoubleValue(); }

Napi::Value NothingOrThrow(Napi::Env env, int error, const char* syscall) {
  if (error != 0) return ThrowErrno(env, -error, syscall);
  return env.Undefined();
}

Napi::Value Umask(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), umask(static_cast<mode_t>(Int(info, 0))));
}

Napi::Value Nice(const Napi::CallbackInfo& info) {
  int value = 0;
  if (const int error = process::Nice(Int(info, 0), &value); error != 0)
    return ThrowErrno(info.Env(), -error, "nice");
  return Napi::Number::New(info.Env(), value);
}

Napi::Value GetPriority(const Napi::CallbackInfo& info) {
  int value = 0;
  const int error = process::GetPriority(Int(info, 0), Id(info, 1), &value);
  if (error != 0) return ThrowErrno(info.Env(), -error, "getpriority");
  return Napi::Number::New(info.Env(), value);
}

Napi::Value SetPriority(const Napi::CallbackInfo& info) {
  return NothingOrThrow(info.Env(), process::SetPriority(Int(info, 0), Id(info, 1), Int(info, 2)),
                        "setpriority");
}

Napi::Value GetLimit(const Napi::CallbackInfo& info) {
  double limits[2];
  if (const int error = process::GetLimit(Int(info, 0), limits); error != 0) {
    return ThrowErrno(info.Env(), -error, "getrlimit");
  }
  Napi::Array pair = Napi::Array::New(info.Env(), 2);
  for (uint32_t i = 0; i < 2; ++i) pair.Set(i, limits[i]);
  return pair;
}

Napi::Value SetLimit(const Napi::CallbackInfo& info) {
  const double limits[2] = {Double(info, 1), Double(info, 2)};
  return NothingOrThrow(info.Env(), process::SetLimit(Int(info, 0), limits), "setrlimit");
}

Napi::Value GetAffinity(const Napi::CallbackInfo& info) {
  std::vector<int> cpus;
  if (const int error = process::GetAffinity(Int(info, 0), &cpus); error != 0) {
    return ThrowErrno(info.Env(), -error, "sched_getaffinity");
  }
  Napi::Array list = Napi::Array::New(info.Env(), cpus.size());
  for (size_t i = 0; i < cpus.size(); ++i) list.Set(static_cast<uint32_t>(i), cpus[i]);
  return list;
}

Napi::Value SetAffinity(const Napi::CallbackInfo& info) {
  const auto list = info[1].As<Napi::Array>();
  std::vector<int> cpus;
  for (uint32_t i = 0; i < list.Length(); ++i) cpus.push_back(list.Get(i).As<Napi::Number>().Int32Value());
  return NothingOrThrow(info.Env(), process::SetAffinity(Int(info, 0), cpus), "sched_setaffinity");
}

Napi::Value CpuCount(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), process::CpuCount());
}

Napi::Value SetDeathSignal(const Napi::CallbackInfo& info) {
  return NothingOrThrow(info.Env(), process::SetDeathSignal(Int(info, 0)), "prctl");
}

}  // namespace

void InitResources(Napi::Env env, Napi::Object exports) {
  const auto add = [&](const char* name, Napi::Value (*function)(const Napi::CallbackInfo&)) {
    exports.Set(name, Napi::Function::New(env, function, name));
  };
  add("umask", Umask);
  add("nice", Nice);
  add("getpriority", GetPriority);
  add("setpriority", SetPriority);
  add("getrlimit", GetLimit);
  add("setrlimit", SetLimit);
  add("getaffinity", GetAffinity);
  add("setaffinity", SetAffinity);
  add("cpuCount", CpuCount);
  add("setpdeathsig", SetDeathSignal);
}

}  // namespace prong
