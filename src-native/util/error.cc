#include "util/error.h"

#include <errno.h>
#include <uv.h>

#include <cstring>

namespace prong {

namespace {

// What libuv has no name for, and system calls of ours give.
const char* NameBeyondLibuv(int err) {
  switch (err) {
    case ECHILD:
      return "ECHILD";
    case EDEADLK:
      return "EDEADLK";
    case EIDRM:
      return "EIDRM";
    case ENOEXEC:
      return "ENOEXEC";
    case ENOLCK:
      return "ENOLCK";
    case ENOTRECOVERABLE:
      return "ENOTRECOVERABLE";
    case EOWNERDEAD:
      return "EOWNERDEAD";
    case ESTALE:
      return "ESTALE";
    default:
      return nullptr;
  }
}

}  // namespace

const char* ErrnoName(int err) {
  // libuv's names: one list for all C libraries; strerrorname_np needs glibc 2.32.
  if (const char* name = NameBeyondLibuv(err)) return name;
  const char* name = uv_err_name(-err);
  return std::strncmp(name, "Unknown", 7) == 0 ? "EUNKNOWN" : name;
}

Napi::Error SystemError(Napi::Env env, int err, const char* syscall, const std::string& path,
                        const std::string& hint) {
  const char* meaning = NameBeyondLibuv(err) != nullptr ? std::strerror(err) : uv_strerror(-err);
  std::string message = std::string(ErrnoName(err)) + ": " + meaning + ", " + syscall;
  if (!path.empty()) message += " '" + path + "'";
  if (!hint.empty()) message += " (" + hint + ")";
  Napi::Error error = Napi::Error::New(env, message);
  error.Set("errno", Napi::Number::New(env, -err));
  error.Set("code", Napi::String::New(env, ErrnoName(err)));
  error.Set("syscall", Napi::String::New(env, syscall));
  if (!path.empty()) error.Set("path", Napi::String::New(env, path));
  return error;
}

Napi::Value ThrowErrno(Napi::Env env, int err, const char* syscall, const std::string& path,
                       const std::string& hint) {
  SystemError(env, err, syscall, path, hint).ThrowAsJavaScriptException();
  return env.Undefined();
}

Napi::Value ThrowCode(Napi::Env env, const char* code, const std::string& message) {
  Napi::Error error = Napi::Error::New(env, message);
  error.Set("code", Napi::String::New(env, code));
  error.ThrowAsJavaScriptException();
  return env.Undefined();
}

}  // namespace prong
