// What the executable imports from a shared library can be replaced in the table that its calls go through.
#pragma once

namespace prong::fork {

// Makes the executable's calls of `name` go to `function`; `*replaced` is where they went. False, and nothing
// done, where the executable does not import it in a way that is understood. Does not allocate.
bool ReplaceImport(const char* name, void* function, void** replaced);

}  // namespace prong::fork
