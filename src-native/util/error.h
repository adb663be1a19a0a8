// Errors as Node makes them: code ('ENOENT'), errno (negative), syscall and, where there is one, path.
#pragma once

#include <napi.h>

#include <string>

namespace prong {

// The symbol of an errno value: "ENOENT" for 2. "EUNKNOWN" where the C library has none.
const char* ErrnoName(int err);

// Makes the error of a failed system call; `err` is positive. Throws nothing.
Napi::Error SystemError(Napi::Env env, int err, const char* syscall, const std::string& path = {},
                        const std::string& hint = {});

// Leaves the error pending in JavaScript and returns undefined, to be used as `return ThrowErrno(...)`.
Napi::Value ThrowErrno(Napi::Env env, int err, const char* syscall, const std::string& path = {},
                       const std::string& hint = {});

// Leaves an Error with a code of our own ('ENOTSUP', 'ERR_...') pending and returns undefined.
Napi::Value ThrowCode(Napi::Env env, const char* code, const std::string& message);

}  // namespace prong
