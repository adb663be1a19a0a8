#include "core/fork/import.h"

#include "core/fork/arch.h"

#if PRONG_FORK_THREADS

#include <dlfcn.h>
#include <elf.h>
#include <link.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstring>

namespace prong::fork {

namespace {

struct Tables {
  const char* names = nullptr;
  const ElfW(Sym) * symbols = nullptr;
  const ElfW(Rela) * relocations = nullptr;
  size_t count = 0;
};

struct Image {
  uintptr_t base = 0;
  uintptr_t relro_begin = 0;
  uintptr_t relro_end = 0;
  const ElfW(Dyn) * dynamic = nullptr;
};

Image FindExecutable() {
  const auto* header = reinterpret_cast<const ElfW(Phdr)*>(getauxval(AT_PHDR));
  const size_t count = getauxval(AT_PHNUM);
  Image image;
  if (header == nullptr) return image;
  for (size_t i = 0; i < count; ++i) {
    if (header[i].p_type == PT_PHDR) image.base = reinterpret_cast<uintptr_t>(header) - header[i].p_vaddr;
  }
  for (size_t i = 0; i < count; ++i) {
    const uintptr_t begin = image.base + header[i].p_vaddr;
    if (header[i].p_type == PT_DYNAMIC) image.dynamic = reinterpret_cast<const ElfW(Dyn)*>(begin);
    if (header[i].p_type == PT_GNU_RELRO) {
      const uintptr_t page = static_cast<uintptr_t>(getpagesize());
      image.relro_begin = begin & ~(page - 1);
      image.relro_end = (begin + header[i].p_memsz) & ~(page - 1);
    }
  }
  return image;
}

// The two tables of places that the loader filled in. glibc has made their addresses absolute.
void FindTables(const Image& image, Tables* plt, Tables* data) {
  for (const ElfW(Dyn)* entry = image.dynamic; entry->d_tag != DT_NULL; ++entry) {
    const auto address = entry->d_un.d_ptr;
    switch (entry->d_tag) {
      case DT_STRTAB:
        plt->names = data->names = reinterpret_cast<const char*>(address);
        break;
      case DT_SYMTAB:
        plt->symbols = data->symbols = reinterpret_cast<const ElfW(Sym)*>(address);
        break;
      case DT_JMPREL:
        plt->relocations = reinterpret_cast<const ElfW(Rela)*>(address);
        break;
      case DT_PLTRELSZ:
        plt->count = entry->d_un.d_val / sizeof(ElfW(Rela));
        break;
      case DT_RELA:
        data->relocations = reinterpret_cast<const ElfW(Rela)*>(address);
        break;
      case DT_RELASZ:
        data->count = entry->d_un.d_val / sizeof(ElfW(Rela));
        break;
    }
  }
}

void** FindSlot(const Image& image, const Tables& tables, const char* name) {
  if (tables.names == nullptr || tables.symbols == nullptr || tables.relocations == nullptr) return nullptr;
  for (size_t i = 0; i < tables.count; ++i) {
    const ElfW(Rela) & relocation = tables.relocations[i];
    const auto type = ELF64_R_TYPE(relocation.r_info);
    if (type != R_X86_64_JUMP_SLOT && type != R_X86_64_GLOB_DAT) continue;
    const ElfW(Sym) & symbol = tables.symbols[ELF64_R_SYM(relocation.r_info)];
    if (std::strcmp(tables.names + symbol.st_name, name) != 0) continue;
    return reinterpret_cast<void**>(image.base + relocation.r_offset);
  }
  return nullptr;
}

}  // namespace

bool ReplaceImport(const char* name, void* function, void** replaced) {
  const Image image = FindExecutable();
  if (image.dynamic == nullptr) return false;
  Tables plt, data;
  FindTables(image, &plt, &data);
  void** slot = FindSlot(image, plt, name);
  if (slot == nullptr) slot = FindSlot(image, data, name);
  if (slot == nullptr) return false;
  // Not bound yet, the slot leads to the loader instead.
  void* real = dlsym(RTLD_DEFAULT, name);
  if (real == nullptr) return false;
  const uintptr_t page_size = static_cast<uintptr_t>(getpagesize());
  const uintptr_t page = reinterpret_cast<uintptr_t>(slot) & ~(page_size - 1);
  const bool sealed = page >= image.relro_begin && page < image.relro_end;
  if (sealed && mprotect(reinterpret_cast<void*>(page), page_size, PROT_READ | PROT_WRITE) != 0) return false;
  *replaced = real;
  __atomic_store_n(slot, function, __ATOMIC_RELEASE);
  if (sealed) mprotect(reinterpret_cast<void*>(page), page_size, PROT_READ);
  return true;
}

}  // namespace prong::fork

#endif
