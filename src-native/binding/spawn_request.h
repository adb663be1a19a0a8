// Turns the description that src/subprocess/launch.ts makes into a core/spawn Request.
#pragma once

#include <napi.h>

#include <string>
#include <vector>

#include "core/spawn/request.h"
#include "core/spawn/spawn.h"
#include "core/spawn/stdio.h"

namespace prong {

// Owns everything that `request` points into.
struct SpawnPlan {
  std::string file;
  std::string argv_text;
  std::string env_text;
  std::string cwd;
  std::vector<char*> env;
  std::vector<std::string> paths;
  int mode[3] = {spawn::kInherit, spawn::kInherit, spawn::kInherit};
  int pipe_bytes = 0;
  spawn::Request request;
  spawn::Stdio stdio;

  explicit SpawnPlan(const Napi::Object& spec);
  SpawnPlan(const SpawnPlan&) = delete;
  SpawnPlan& operator=(const SpawnPlan&) = delete;

  // Opens the descriptors and starts the program. False with a JavaScript error pending.
  bool Launch(Napi::Env env, spawn::Child* child);
  // Leaves the error of a failed step pending.
  void Throw(Napi::Env env, const spawn::Failure& failure) const;

 private:
  void FindCandidates(const char* search_path);
};

}  // namespace prong
