#include "binding/spawn_request.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "util/error.h"

namespace prong {

namespace {

// As in src/subprocess/launch.ts.
enum Flag : uint32_t { kCloseFds = 1, kNewSession = 2, kRestoreSignals = 4, kSubreaper = 8 };

// Where there is no PATH; Python's os.defpath.
constexpr const char* kDefaultPath = "/bin:/usr/bin";

std::string Text(const Napi::Value& value) { return value.As<Napi::String>().Utf8Value(); }

int Integer(const Napi::Object& spec, const char* name, int otherwise) {
  const Napi::Value value = spec.Get(name);
  return value.IsNumber() ? value.As<Napi::Number>().Int32Value() : otherwise;
}

long Id(const Napi::Object& spec, const char* name) {
  const Napi::Value value = spec.Get(name);
  return value.IsNumber() ? static_cast<long>(value.As<Napi::Number>().Int64Value()) : -1;
}

// Strings that each end with a NUL, as pointers.
std::vector<char*> Pointers(std::string& text) {
  std::vector<char*> pointers;
  for (size_t at = 0; at < text.size(); at += std::strlen(&text[at]) + 1) pointers.push_back(&text[at]);
  pointers.push_back(nullptr);
  return pointers;
}

const char* Variable(const std::vector<char*>& env, const char* name) {
  const size_t length = std::strlen(name);
  for (const char* entry : env) {
    if (entry != nullptr && std::strncmp(entry, name, length) == 0 && entry[length] == '=')
      return entry + length + 1;
  }
  return nullptr;
}

}  // namespace

SpawnPlan::SpawnPlan(const Napi::Object& spec) {
  file = Text(spec.Get("file"));
  argv_text = Text(spec.Get("argv"));
  request.argv = Pointers(argv_text);
  const char* search_path;
  if (const Napi::Value given = spec.Get("env"); given.IsString()) {
    env_text = Text(given);
    env = Pointers(env_text);
    request.envp = env.data();
    search_path = Variable(env, "PATH");
  } else {
    request.envp = environ;
    search_path = getenv("PATH");
  }
  FindCandidates(search_path == nullptr ? kDefaultPath : search_path);
  if (const Napi::Value given = spec.Get("cwd"); given.IsString()) {
    cwd = Text(given);
    request.cwd = cwd.c_str();
  }
  mode[0] = Integer(spec, "stdin", spawn::kInherit);
  mode[1] = Integer(spec, "stdout", spawn::kInherit);
  mode[2] = Integer(spec, "stderr", spawn::kInherit);
  pipe_bytes = Integer(spec, "pipesize", 0);
  const auto flags = static_cast<uint32_t>(Integer(spec, "flags", 0));
  request.close_fds = (flags & kCloseFds) != 0;
  request.new_session = (flags & kNewSession) != 0;
  request.restore_signals = (flags & kRestoreSignals) != 0;
  request.subreaper = (flags & kSubreaper) != 0;
  request.process_group = Id(spec, "processGroup");
  request.uid = Id(spec, "uid");
  request.gid = Id(spec, "gid");
  request.umask = Integer(spec, "umask", -1);
  if (const Napi::Value given = spec.Get("passFds"); given.IsArray()) {
    const auto list = given.As<Napi::Array>();
    for (uint32_t i = 0; i < list.Length(); ++i) {
      request.pass_fds.push_back(list.Get(i).As<Napi::Number>().Int32Value());
    }
    std::sort(request.pass_fds.begin(), request.pass_fds.end());
  }
  if (const Napi::Value given = spec.Get("groups"); given.IsArray()) {
    const auto list = given.As<Napi::Array>();
    request.set_groups = true;
    for (uint32_t i = 0; i < list.Length(); ++i) {
      request.groups.push_back(list.Get(i).As<Napi::Number>().Uint32Value());
    }
  }
}

void SpawnPlan::FindCandidates(const char* search_path) {
  if (file.find('/') != std::string::npos) {
    request.candidates.push_back(file.c_str());
    return;
  }
  for (const char* at = search_path;;) {
    const char* end = std::strchr(at, ':');
    const size_t length = end == nullptr ? std::strlen(at) : static_cast<size_t>(end - at);
    // An empty entry means the current directory.
    paths.push_back(length == 0 ? file : std::string(at, length) + "/" + file);
    if (end == nullptr) break;
    at = end + 1;
  }
  for (const std::string& path : paths) request.candidates.push_back(path.c_str());
}

bool SpawnPlan::Launch(Napi::Env napi_env, spawn::Child* child) {
  const char* syscall = nullptr;
  if (const int error = stdio.Open(mode, pipe_bytes, &syscall); error != 0) {
    ThrowErrno(napi_env, -error, syscall, std::strcmp(syscall, "open") == 0 ? "/dev/null" : "");
    return false;
  }
  std::copy(std::begin(stdio.source), std::end(stdio.source), std::begin(request.stdio));
  const spawn::Failure failure = spawn::Spawn(request, child);
  stdio.CloseTheirs();
  if (!failure) return true;
  Throw(napi_env, failure);
  return false;
}

void SpawnPlan::Throw(Napi::Env napi_env, const spawn::Failure& failure) const {
  using Subject = spawn::Failure::Subject;
  const bool no_room = failure.error == EAGAIN && std::strcmp(failure.syscall, "clone") == 0;
  ThrowErrno(napi_env, failure.error, failure.syscall,
             failure.subject == Subject::kDirectory ? cwd
             : failure.subject == Subject::kProgram ? file
                                                    : std::string(),
             no_room
                 ? "the limit on the number of processes is reached: RLIMIT_NPROC or the cgroup's pids.max"
                 : "");
}

}  // namespace prong
