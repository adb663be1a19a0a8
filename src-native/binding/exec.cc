// prong/posix: exec.
#include "core/process/exec.h"

#include <unistd.h>

#include <string>

#include "binding/init.h"
#include "util/error.h"

namespace prong {

namespace {

std::vector<std::string> Strings(const Napi::Value& value) {
  std::vector<std::string> strings;
  const auto list = value.As<Napi::Array>();
  for (uint32_t i = 0; i < list.Length(); ++i) strings.push_back(list.Get(i).As<Napi::String>().Utf8Value());
  return strings;
}

std::vector<char*> Pointers(std::vector<std::string>& strings) {
  std::vector<char*> pointers;
  for (std::string& text : strings) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

// (file, candidates, argv, env or undefined): throws what failed.
Napi::Value Exec(const Napi::CallbackInfo& info) {
  std::vector<std::string> candidates = Strings(info[1]);
  std::vector<std::string> args = Strings(info[2]);
  std::vector<std::string> env;
  if (info[3].IsArray()) env = Strings(info[3]);
  const std::vector<char*> argv = Pointers(args);
  const std::vector<char*> envp = Pointers(env);
  process::Program program;
  for (const std::string& file : candidates) program.candidates.push_back(file.c_str());
  program.argv = argv.data();
  program.envp = info[3].IsArray() ? envp.data() : environ;
  return ThrowErrno(info.Env(), -process::Exec(program), "execve", info[0].As<Napi::String>().Utf8Value());
}

}  // namespace

void InitExec(Napi::Env env, Napi::Object exports) {
  exports.Set("exec", Napi::Function::New(env, Exec, "exec"));
}

}  // namespace prong
